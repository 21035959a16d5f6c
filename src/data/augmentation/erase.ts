import { randomUnit } from "../../base/random.js";
import { type ImageSize, STRONG_STREAM } from "./strong-augmentation.js";

/** A rectangle of pixels; it may extend beyond the image. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Random erasing gives up after this many rectangles that do not fit. */
const DRAWS = 10;
const MIN_AREA = 0.02;
const MAX_AREA = 1 / 3;
const MAX_RATIO = 3.3;

/**
 * The square of cutout: its center is a uniformly drawn pixel, so that a part of it may lie outside the image (DeVries &
 * Taylor 2017, "Improved Regularization of Convolutional Neural Networks with Cutout").
 */
export const drawCutout = (
  side: number,
  { height, width }: ImageSize,
  seed: number,
  epoch: number,
  sample: number,
): Rectangle => {
  const center = (axis: number, length: number): number =>
    Math.floor(randomUnit(seed, STRONG_STREAM.cutout, epoch, sample, axis) * length);
  return {
    top: center(0, height) - Math.floor(side / 2),
    left: center(1, width) - Math.floor(side / 2),
    height: side,
    width: side,
  };
};

/**
 * The rectangle of random erasing, drawn with a probability: its area is 2 % to a third of the image, uniformly, and its
 * aspect ratio from 1 / 3.3 to 3.3, uniformly in the logarithm (Zhong et al. 2020, "Random Erasing Data Augmentation", in
 * torchvision's form). Undefined if none is drawn, or ten do not fit.
 */
export const drawErasedRectangle = (
  probability: number,
  { height, width }: ImageSize,
  seed: number,
  epoch: number,
  sample: number,
): Rectangle | undefined => {
  const unit = (draw: number, what: number): number =>
    randomUnit(seed, STRONG_STREAM.erasing, epoch, sample, draw, what);
  if (unit(0, 0) >= probability) return undefined;
  for (let draw = 1; draw <= DRAWS; draw++) {
    const area = height * width * (MIN_AREA + (MAX_AREA - MIN_AREA) * unit(draw, 0));
    const ratio = MAX_RATIO ** (2 * unit(draw, 1) - 1);
    const [h, w] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
    if (h < 1 || w < 1 || h >= height || w >= width) continue;
    return {
      top: Math.floor(unit(draw, 2) * (height - h + 1)),
      left: Math.floor(unit(draw, 3) * (width - w + 1)),
      height: h,
      width: w,
    };
  }
  return undefined;
};

/** Sets a rectangle of normalized pixels [height, width, 3] to 0, the mean of the data set. */
export const eraseRectangle = (
  pixels: Float32Array,
  { height, width }: ImageSize,
  { top, left, ...size }: Rectangle,
): void => {
  const [from, to] = [Math.max(left, 0), Math.min(left + size.width, width)];
  for (let y = Math.max(top, 0); y < Math.min(top + size.height, height); y++) {
    pixels.fill(0, (y * width + from) * 3, (y * width + Math.max(to, from)) * 3);
  }
};
