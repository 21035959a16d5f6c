import type { ImageSet } from "../data-set.js";
import { DIGITS_INFO } from "../digits.js";

/** A handwritten digit without the black around it. */
export interface DigitShape {
  readonly label: number;
  readonly width: number;
  readonly height: number;
  /** [height, width] how much of each pixel is ink, 0 to 1. */
  readonly ink: Float32Array;
}

/** Fainter pixels at the edge of a stroke do not count for its box. */
const LEAST_INK = 0.25;

/** The digits of a set, each cut to its box; the set has three equal channels. */
export const digitShapes = ({ images, labels, count }: ImageSet): readonly DigitShape[] => {
  const { height: side } = DIGITS_INFO;
  return Array.from({ length: count }, (_, digit) => {
    const inkAt = (y: number, x: number): number =>
      (images[((digit * side + y) * side + x) * 3] as number) / 255;
    let [top, left, bottom, right] = [side, side, 0, 0];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        if (inkAt(y, x) < LEAST_INK) continue;
        top = Math.min(top, y);
        left = Math.min(left, x);
        bottom = Math.max(bottom, y + 1);
        right = Math.max(right, x + 1);
      }
    }
    const [width, height] = [right - left, bottom - top];
    const ink = Float32Array.from({ length: width * height }, (_, at) =>
      inkAt(top + Math.floor(at / width), left + (at % width)),
    );
    return { label: labels[digit] as number, width, height, ink };
  });
};

/** The ink at a point of a shape, in its pixels, interpolated bilinearly; 0 outside. */
export const inkAround = ({ width, height, ink }: DigitShape, x: number, y: number): number => {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const at = (r: number, c: number): number =>
    r < 0 || c < 0 || r >= height || c >= width ? 0 : (ink[r * width + c] as number);
  const [right, down] = [x - column, y - row];
  const upper = at(row, column) * (1 - right) + at(row, column + 1) * right;
  const lower = at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right;
  return upper * (1 - down) + lower * down;
};
