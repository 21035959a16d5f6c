import { randomUnit } from "../../base/random.js";
import type { DataSetInfo } from "../data-set.js";

/** First key after the seed of each kind of draw; distinct keys keep the kinds of draws independent. */
export const STREAM = { order: 0x6f726472, crop: 0x63726f70, mirror: 0x6d697272 } as const;

/**
 * How a training image is changed. Output pixel (y, x) shows input pixel (y + rowShift, x + columnShift), or black
 * where that lies outside the image; the result is then mirrored left to right if `isMirrored`.
 */
export interface Augmentation {
  readonly rowShift: number;
  readonly columnShift: number;
  readonly isMirrored: boolean;
}

export const NO_AUGMENTATION: Augmentation = { rowShift: 0, columnShift: 0, isMirrored: false };

/**
 * Draws the augmentation of one image in one epoch: a crop of the image's own size from the image padded with black,
 * and mirroring with probability 1/2, each only if the data set asks for it. The same arguments always give the same
 * augmentation.
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
