import type { ImageSet } from "./data-set.js";

/**
 * A set of `count` black images of `imageBytes` bytes each, all labelled 0, to be filled by a
 * reader.
 */
export const createImageSet = (count: number, imageBytes: number): ImageSet => ({
  images: new Uint8Array(new SharedArrayBuffer(count * imageBytes)),
  labels: new Int32Array(count),
  count,
});
