import type { ImageSet } from "./data-set.js";

/** A set of `count` black images of `imageBytes` bytes each, all with label 0, for a reader to fill. */
export const createImageSet = (count: number, imageBytes: number): ImageSet => ({
  images: new Uint8Array(new SharedArrayBuffer(count * imageBytes)),
  labels: new Int32Array(count),
  count,
});
