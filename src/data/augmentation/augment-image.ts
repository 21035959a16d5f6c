import { drawCutout, drawErasedRectangle, eraseRectangle } from "./erase.js";
import { randAugment } from "./rand-augment.js";
import type { ImageSize, StrongAugmentation } from "./strong-augmentation.js";

/** Applies RandAugment, if it is asked for, to pixels from 0 to 255, in place. */
export const augmentColors = (
  pixels: Float32Array,
  size: ImageSize,
  { randAugment: asked }: StrongAugmentation,
  seed: number,
  epoch: number,
  sample: number,
): void => {
  if (asked) pixels.set(randAugment(pixels, size, asked, seed, epoch, sample));
};

/** Erases what cutout and random erasing draw from normalized pixels, in place. */
export const eraseParts = (
  pixels: Float32Array,
  size: ImageSize,
  { cutout, randomErasing }: StrongAugmentation,
  seed: number,
  epoch: number,
  sample: number,
): void => {
  if (cutout !== undefined) {
    eraseRectangle(pixels, size, drawCutout(cutout, size, seed, epoch, sample));
  }
  if (randomErasing === undefined) return;
  const erased = drawErasedRectangle(randomErasing, size, seed, epoch, sample);
  if (erased) eraseRectangle(pixels, size, erased);
};
