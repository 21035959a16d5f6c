import type { ImageList, ListedImage } from "./list-images.js";

/** One image of each class in turn, as long as there are any: every beginning of it is as balanced as can be. */
export const inTurns = (byClass: ImageList["byClass"], limit: number): ListedImage[] => {
  const longest = Math.max(...byClass.map(({ length }) => length));
  const list: ListedImage[] = [];
  for (let at = 0; at < longest && list.length < limit; at++) {
    for (const images of byClass) {
      const image = images[at];
      if (image) list.push(image);
    }
  }
  return list.slice(0, limit);
};
