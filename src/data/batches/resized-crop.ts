import { randomUnit } from "../../base/random.js";
import type { DataSetInfo } from "../data-set.js";

/** First key after the seed of every draw of a resized crop. */
const STREAM = 0x72657363;

/** A rectangle within an image, as shares of the image's width and height. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A drawn rectangle may not fit into a long image; after this many attempts the middle is used. */
const DRAWS = 10;

/** A rectangle of the given sides, centered in an image of height 1 and width `ratio`. */
const middle = (ratio: number, width: number, height: number): Region => ({
  left: (1 - width / ratio) / 2,
  top: (1 - height) / 2,
  width: width / ratio,
  height,
});

/** The largest centered square of an image with the given ratio of width to height: what evaluation shows. */
export const middleSquare = (ratio: number): Region => {
  const side = Math.min(ratio, 1);
  return middle(ratio, side, side);
};

/**
 * Draws the part of a training image that is stretched to the full size in one epoch, as torchvision's
 * RandomResizedCrop does: the area and the logarithm of the aspect ratio are uniform. If ten draws do not fit, it
 * returns the centered rectangle with the nearest allowed aspect ratio.
 *
 * @param ratio the image's width over its height
 */
export const drawResizedCrop = (
  { minArea, maxRatio }: NonNullable<DataSetInfo["augmentation"]["resizedCrop"]>,
  ratio: number,
  seed: number,
  epoch: number,
  sample: number,
): Region => {
  const unit = (draw: number, what: number): number =>
    randomUnit(seed, STREAM, epoch, sample, draw, what);
  for (let draw = 0; draw < DRAWS; draw++) {
    const area = ratio * (minArea + (1 - minArea) * unit(draw, 0));
    const proportion = maxRatio ** (2 * unit(draw, 1) - 1);
    const width = Math.sqrt(area * proportion);
    const height = Math.sqrt(area / proportion);
    if (width > ratio || height > 1) continue;
    return {
      left: (1 - width / ratio) * unit(draw, 2),
      top: (1 - height) * unit(draw, 3),
      width: width / ratio,
      height,
    };
  }
  if (ratio > maxRatio) return middle(ratio, maxRatio, 1);
  if (ratio < 1 / maxRatio) return middle(ratio, ratio, ratio * maxRatio);
  return middle(ratio, ratio, 1);
};
