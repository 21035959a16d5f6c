import { multiplyFixed, type Rounding, roundAway } from "../../integer/fixed-point.js";
import type { Codes, PlanStepOf, PlanWindow, Requantization } from "../plan/plan.js";
import type { Stored } from "./memory.js";
import { visitWindow } from "./visit-window.js";

const { fround } = Math;

/** The kernels round once, as programs do that multiply sums by floats. */
const ROUNDING: Rounding = "single";

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

const roundToEven = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
};

/** Floats as affine codes. */
export const quantizeStep = (x: Stored, y: Stored): (() => void) => {
  const { scale = 1, zero, top } = y.format as Codes;
  const inverse = fround(1 / scale);
  return () => {
    for (let at = 0; at < x.numbers.length; at++)
      y.numbers[at] = clamp(
        roundToEven(fround((x.numbers[at] as number) * inverse)) + zero,
        0,
        top,
      );
  };
};

/** A function of codes. */
export const mapStep =
  ({ table }: PlanStepOf<"map">, x: Stored, y: Stored): (() => void) =>
  () => {
    for (let at = 0; at < x.numbers.length; at++)
      y.numbers[at] = table[x.numbers[at] as number] as number;
  };

/** A function of two codes. */
export const joinStep =
  (
    { table }: PlanStepOf<"join">,
    [one, other]: readonly [Stored, Stored],
    y: Stored,
  ): (() => void) =>
  () => {
    const { length } = other.numbers;
    for (let at = 0; at < y.numbers.length; at++) {
      const pair = ((one.numbers[at] as number) << 8) | (other.numbers[at % length] as number);
      y.numbers[at] = table[pair] as number;
    }
  };

/** The code of a sum. */
export const requantize =
  ({ bias, multipliers, zero, low, high }: Requantization) =>
  (sum: number, filter: number): number => {
    const multiplier = multipliers[filter];
    if (!multiplier) throw new Error("Every filter has a multiplier.");
    const scaled = multiplyFixed(sum + (bias[filter] as number), multiplier, ROUNDING);
    return clamp(scaled + zero, low, high);
  };

/** Means of channels. */
export const meanStep =
  ({ requantization }: PlanStepOf<"mean">, x: Stored, y: Stored): (() => void) =>
  () => {
    const [height, width, channels] = x.shape;
    const { zero: own } = x.format as Codes;
    const { multipliers, zero, low, high } = requantization;
    const [multiplier] = multipliers;
    if (!multiplier) throw new Error("A mean has a multiplier.");
    const sums = new Int32Array(channels).fill(-own * height * width);
    for (let at = 0, channel = 0; at < x.numbers.length; at++) {
      (sums[channel] as number) += x.numbers[at] as number;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
    for (let channel = 0; channel < channels; channel++) {
      const scaled = multiplyFixed(sums[channel] as number, multiplier, ROUNDING);
      y.numbers[channel] = clamp(scaled + zero, low, high);
    }
  };

/** The codes with a sign of a format start here: those of 8 bits at -128. */
const leastOf = ({ top }: Codes): number => -(top + 1) / 2;

/** The rows or columns of a window of `window` that count, padding included. */
const countedSide = (
  { kernel, stride, padding, height, width }: PlanWindow,
  axis: 0 | 1,
  at: number,
): number => {
  const from = at * stride[axis] - padding[axis];
  const side = axis === 0 ? height : width;
  return Math.min(from + kernel[axis], side + (padding[axis + 2] as number)) - from;
};

/** The values of a window that its mean counts. */
export const countedValues = (
  { window, countsPadding }: PlanStepOf<"meanPool">,
  row: number,
  column: number,
): number => {
  if (countsPadding) return countedSide(window, 0, row) * countedSide(window, 1, column);
  let count = 0;
  visitWindow(window, row, column, () => count++);
  return count;
};

/** The code of the mean of codes by their sum. */
export const meanCode = (sum: number, count: number, format: Codes): number => {
  const least = leastOf(format);
  return roundAway((sum + count * least) / count) - least;
};

/** Means over windows. Halves are rounded away from the code that has the sign 0. */
export const meanPoolStep = (step: PlanStepOf<"meanPool">, x: Stored, y: Stored): (() => void) => {
  const { window } = step;
  const { channels, outHeight, outWidth } = window;
  const format = x.format as Codes;
  return () => {
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++) {
        const sums = new Int32Array(channels);
        let inside = 0;
        visitWindow(window, row, column, (position) => {
          inside++;
          for (let channel = 0; channel < channels; channel++)
            (sums[channel] as number) += x.numbers[position * channels + channel] as number;
        });
        const count = countedValues(step, row, column);
        const padded = (count - inside) * format.zero;
        for (let channel = 0; channel < channels; channel++)
          y.numbers[(row * outWidth + column) * channels + channel] = meanCode(
            (sums[channel] as number) + padded,
            count,
            format,
          );
      }
  };
};
