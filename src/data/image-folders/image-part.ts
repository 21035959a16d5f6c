import { createHash } from "node:crypto";
import { visibleText } from "../../base/visible-text.js";
import type { ImageSet } from "../data-set.js";
import type { ImageEntry } from "./decoding/decode-all.js";
import type { ImageView } from "./decoding/decode-image.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import { inTurns } from "./listing/in-turns.js";
import type { ImageList, ListedImage } from "./listing/list-images.js";
import { loadImages } from "./load-images.js";
import { usableImages } from "./usable-images.js";

/** A part of the images as a set, with what identifies it. */
export interface ImagePart {
  readonly set: ImageSet;
  readonly files: readonly ListedImage[];
  readonly entries: readonly ImageEntry[];
}

/** Reads the first `limit` files of a part, in turns of the classes. */
export const loadPart = async (
  use: "training" | "test",
  list: ImageList,
  limit: number,
  view: ImageView,
  options: ImageFolderOptions,
): Promise<ImagePart> => {
  list.notes.forEach(options.notify);
  const files = inTurns(list.byClass, limit);
  const loaded = await loadImages(files, view, options);
  const set = usableImages(
    files,
    list.classNames,
    `${use} images in ${visibleText(list.folder)}`,
    view,
    loaded,
    options,
  );
  return { set, files, entries: loaded.entries };
};

/** A hash of names, classes and contents of all files, in their order. */
export const fingerprintOf = (parts: readonly (ImagePart | undefined)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) {
    part?.files.forEach(({ name }, at) => {
      const entry = part.entries[at];
      hash.update(`${name}\0${entry && "digest" in entry ? entry.digest : "damaged"}\n`);
    });
    hash.update("\n");
  }
  return hash.digest("hex");
};
