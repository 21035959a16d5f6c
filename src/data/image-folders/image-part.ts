import { createHash } from "node:crypto";
import { visibleText } from "../../base/visible-text.js";
import type { ImageSet } from "../data-set.js";
import type { ImageEntry } from "./decoding/decode-all.js";
import type { ImageView } from "./decoding/image-view.js";
import { excludeDamaged } from "./exclude-damaged.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import type { ImageList, ListedImage } from "./listing/list-images.js";
import { loadImages } from "./load-images.js";

/** Takes one image of each class in turn, so that every prefix of the list is as balanced as possible. */
const interleaveClasses = (byClass: ImageList["byClass"], limit: number): ListedImage[] => {
  const longest = Math.max(...byClass.map(({ length }) => length));
  const list: ListedImage[] = [];
  for (let round = 0; round < longest && list.length < limit; round++) {
    for (const images of byClass) {
      const image = images[round];
      if (image) list.push(image);
    }
  }
  return list.slice(0, limit);
};

/** The training or test images as a set, with their files. */
export interface ImagePart {
  readonly set: ImageSet;
  readonly files: readonly ListedImage[];
  readonly entries: readonly ImageEntry[];
}

/** Reads the first `limit` files of a part, the classes interleaved. */
export const loadPart = async (
  use: "training" | "test",
  list: ImageList,
  limit: number,
  view: ImageView,
  options: ImageFolderOptions,
): Promise<ImagePart> => {
  list.notes.forEach(options.notify);
  const files = interleaveClasses(list.byClass, limit);
  const loaded = await loadImages(files, view, options);
  const set = excludeDamaged(
    files,
    list.classNames,
    `${use} images in ${visibleText(list.folder)}`,
    view,
    loaded,
    options,
  );
  return { set, files, entries: loaded.entries };
};

/** A hash of the names, classes and contents of all files, in their order. */
export const fingerprintOf = (parts: readonly (ImagePart | undefined)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) {
    part?.files.forEach(({ name }, index) => {
      const entry = part.entries[index];
      hash.update(`${name}\0${entry && "digest" in entry ? entry.digest : "damaged"}\n`);
    });
    hash.update("\n");
  }
  return hash.digest("hex");
};
