import { openSync, readSync } from "node:fs";
import { QpruneError } from "../base/errors.js";
import type { ImageSet } from "./data-set.js";

/**
 * A function that gives the bytes of the image at a place: a view of the memory, or what a file holds there,
 * which is valid until the next call. The file stays open as long as the thread lives.
 * @throws QpruneError where the file ends before.
 */
export const imageReader = (
  { images, file: stored }: Pick<ImageSet, "images" | "file">,
  imageBytes: number,
): ((place: number) => Uint8Array) => {
  if (!stored) {
    return (place) => images.subarray(place * imageBytes, (place + 1) * imageBytes);
  }
  const file = openSync(stored.path, "r");
  const bytes = new Uint8Array(imageBytes);
  return (place) => {
    if (readSync(file, bytes, 0, imageBytes, place * imageBytes) === imageBytes) return bytes;
    throw new QpruneError(`${stored.path} became shorter while it was read.`);
  };
};
