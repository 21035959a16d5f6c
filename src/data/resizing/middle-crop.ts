import type { ImageSize, Window } from "./resize-image.js";

/** Half of a whole number, rounded to the even neighbor as Python's `round` does. */
const roundedHalf = (number: number): number => {
  const half = Math.floor(number / 2);
  return number % 2 === 0 || half % 2 === 0 ? half : half + 1;
};

/** The size to which an image is scaled, and the square in its middle. */
export interface MiddleCrop {
  readonly to: ImageSize;
  readonly window: Window;
}

/**
 * Plans to scale the shorter side of an image to `resizedSide` and to crop `side` pixels in the middle, rounded as by
 * torchvision's Resize, which truncates the longer side, and CenterCrop.
 */
export const middleCrop = (
  { height, width }: ImageSize,
  { resizedSide, side }: { readonly resizedSide: number; readonly side: number },
): MiddleCrop => {
  const scaled = (length: number): number =>
    Math.floor((resizedSide * length) / Math.min(height, width));
  const to = { height: scaled(height), width: scaled(width) };
  return {
    to,
    window: {
      top: roundedHalf(to.height - side),
      left: roundedHalf(to.width - side),
      height: side,
      width: side,
    },
  };
};
