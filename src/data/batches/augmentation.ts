import { randomUnit } from "../../base/random.js";
import type { DataSetInfo } from "../data-set.js";

/** First key after the seed of each kind of draw, so that no two kinds share their numbers. */
export const STREAM = { order: 0x6f726472, crop: 0x63726f70, mirror: 0x6d697272 } as const;

/**
 * How a training image is changed: output pixel (y, x) shows input pixel (y + rowShift, x +
 * columnShift), black if that lies outside; then the result is mirrored left to right.
 */
export interface Augmentation {
  readonly rowShift: number;
  readonly columnShift: number;
  readonly isMirrored: boolean;
}

export const NO_AUGMENTATION: Augmentation = { rowShift: 0, columnShift: 0, isMirrored: false };

/**
 * Draws what happens to one image in one epoch: a crop of the image's own size out of the image
 * padded with black, and a mirroring half of the time, as far as the data set asks for them. It
 * depends on nothing but the arguments.
 */
export const drawAugmentation = (
  { cropPadding, mirror }: DataSetInfo["augmentation"],
  seed: number,
  epoch: number,
  sample: number,
): Augmentation => {
  const shift = (axis: number): number =>
    Math.floor(randomUnit(seed, STREAM.crop, epoch, sample, axis) * (2 * cropPadding + 1)) -
    cropPadding;
  return {
    rowShift: shift(0),
    columnShift: shift(1),
    isMirrored: mirror && randomUnit(seed, STREAM.mirror, epoch, sample) < 0.5,
  };
};
