import { openSync, readSync } from "node:fs";
import { QpruneError } from "../base/errors.js";
import type { ImageSet } from "./data-set.js";

/**
 * Returns a function that gives the bytes of the image at an index: a view of memory, or bytes read from the file, which
 * stay valid until the next call. The file stays open for the life of the thread.
 * @throws QpruneError if the file is too short.
 */
export const imageReader = (
  { images, file: stored }: Pick<ImageSet, "images" | "file">,
  imageBytes: number,
): ((index: number) => Uint8Array) => {
  if (!stored) {
    return (index) => images.subarray(index * imageBytes, (index + 1) * imageBytes);
  }
  const file = openSync(stored.path, "r");
  const bytes = new Uint8Array(imageBytes);
  return (index) => {
    if (readSync(file, bytes, 0, imageBytes, index * imageBytes) === imageBytes) return bytes;
    throw new QpruneError(`${stored.path} was truncated while it was read.`);
  };
};
