import type { PlanStepOf, PlanWindow } from "../plan/plan.js";
import type { Stored } from "./memory.js";
import { visitWindow } from "./visit-window.js";

const { fround } = Math;

/** Calls `compute(output position, row, column)` for every output position of a window. */
const forPositions = (
  { outHeight, outWidth }: PlanWindow,
  compute: (at: number, row: number, column: number) => void,
): void => {
  for (let row = 0; row < outHeight; row++)
    for (let column = 0; column < outWidth; column++) compute(row * outWidth + column, row, column);
};

/** Maxima; of codes, too, whose order is that of their values. Padding is never the maximum. */
export const maxPoolStep =
  ({ window }: PlanStepOf<"maxPool">, x: Stored, y: Stored): (() => void) =>
  () => {
    const { channels } = window;
    const lowest = x.format.kind === "codes" ? 0 : Number.NEGATIVE_INFINITY;
    forPositions(window, (at, row, column) => {
      y.numbers.fill(lowest, at * channels, (at + 1) * channels);
      visitWindow(window, row, column, (position) => {
        for (let channel = 0; channel < channels; channel++)
          y.numbers[at * channels + channel] = Math.max(
            y.numbers[at * channels + channel] as number,
            x.numbers[position * channels + channel] as number,
          );
      });
    });
  };

/** Means: every value times the share of its window, added in the order of the taps, as the native engine does. */
export const averagePoolStep =
  ({ window, areas }: PlanStepOf<"averagePool">, x: Stored, y: Stored): (() => void) =>
  () => {
    const { channels } = window;
    forPositions(window, (at, row, column) => {
      const share = fround(1 / (areas[at] as number));
      y.numbers.fill(0, at * channels, (at + 1) * channels);
      visitWindow(window, row, column, (position) => {
        for (let channel = 0; channel < channels; channel++)
          (y.numbers[at * channels + channel] as number) += fround(
            (x.numbers[position * channels + channel] as number) * share,
          );
      });
    });
  };

/** Sums of codes; a tap in the padding adds the code of 0. */
export const sumPoolStep = (
  { window }: PlanStepOf<"sumPool">,
  x: Stored,
  y: Stored,
): (() => void) => {
  const { channels, kernel } = window;
  const zero = x.format.kind === "codes" ? x.format.zero : 0;
  return () =>
    forPositions(window, (at, row, column) => {
      y.numbers.fill(zero * kernel[0] * kernel[1], at * channels, (at + 1) * channels);
      visitWindow(window, row, column, (position) => {
        for (let channel = 0; channel < channels; channel++)
          (y.numbers[at * channels + channel] as number) +=
            (x.numbers[position * channels + channel] as number) - zero;
      });
    });
};

/** The mean (summed position by position in float32, then divided) or the maximum of every channel. */
export const globalPoolStep =
  ({ function: pool }: PlanStepOf<"globalPool">, x: Stored, y: Stored): (() => void) =>
  () => {
    const [height, width, channels] = x.shape;
    const positions = height * width;
    for (let channel = 0; channel < channels; channel++) {
      let total = x.numbers[channel] as number;
      for (let position = 1; position < positions; position++) {
        const value = x.numbers[position * channels + channel] as number;
        total = pool === "max" ? Math.max(total, value) : fround(total + value);
      }
      y.numbers[channel] = pool === "max" ? total : fround(total / positions);
    }
  };
