import type { ConvShape, FloatWeights, IntegerWeights, PlanStepOf } from "../plan/plan.js";
import type { Numbers, Stored } from "./memory.js";
import { shuffledPositions, tailFunction } from "./tail.js";

const { fround } = Math;

/** Calls `visit(input position, tap)` for the taps of a window that are inside the maps. */
export const visitWindow = (
  { height, width, kernel, stride, padding, dilation }: Omit<ConvShape, "filters" | "groups">,
  outRow: number,
  outColumn: number,
  visit: (position: number, tap: number) => void,
): void => {
  for (let ky = 0; ky < kernel[0]; ky++) {
    const row = outRow * stride[0] - padding[0] + ky * dilation[0];
    if (row < 0 || row >= height) continue;
    for (let kx = 0; kx < kernel[1]; kx++) {
      const column = outColumn * stride[1] - padding[1] + kx * dilation[1];
      if (column >= 0 && column < width) visit(row * width + column, ky * kernel[1] + kx);
    }
  }
};

/** The value of an output before the tail: of a filter at a position. */
type Product = (outRow: number, outColumn: number, filter: number) => number;

/** Sums of codes, which are exact. Padding has the value 0, so its taps add nothing. */
const integerProduct = (
  shape: ConvShape,
  { numbers, areHalved, factor, input }: IntegerWeights,
  x: Numbers,
): Product => {
  const { channels, filters, groups, kernel } = shape;
  const own = channels / groups;
  const perGroup = filters / groups;
  const taps = kernel[0] * kernel[1];
  return (outRow, outColumn, filter) => {
    const first = Math.floor(filter / perGroup) * own;
    let sum = 0;
    visitWindow(shape, outRow, outColumn, (position, tap) => {
      const from = position * channels + first;
      const to = (filter * taps + tap) * own;
      for (let channel = 0; channel < own; channel++) {
        const number = numbers[to + channel] as number;
        const weight = areHalved ? 2 * number + 1 : number;
        sum += ((x[from + channel] as number) - input.zero) * weight;
      }
    });
    return fround((factor[filter] as number) * fround(sum));
  };
};

/** Sums of floats: product after product in the order of the taps and channels, each operation rounded to float32. */
const floatProduct = (shape: ConvShape, { numbers }: FloatWeights, x: Numbers): Product => {
  const { channels, filters, groups, kernel } = shape;
  const own = channels / groups;
  const perGroup = filters / groups;
  const taps = kernel[0] * kernel[1];
  return (outRow, outColumn, filter) => {
    const first = Math.floor(filter / perGroup) * own;
    let sum = 0;
    visitWindow(shape, outRow, outColumn, (position, tap) => {
      const from = position * channels + first;
      const to = (filter * taps + tap) * own;
      for (let channel = 0; channel < own; channel++)
        sum = fround(
          sum + fround((x[from + channel] as number) * (numbers[to + channel] as number)),
        );
    });
    return sum;
  };
};

/** A convolution with its tail. */
export const convStep = (
  { shape, weights, tail }: PlanStepOf<"conv">,
  x: Stored,
  y: Stored,
): (() => void) => {
  const { outHeight, outWidth, filters } = shape;
  const product =
    weights.kind === "integers"
      ? integerProduct(shape, weights, x.numbers)
      : floatProduct(shape, weights, x.numbers);
  const finish = tailFunction(tail);
  const positions = shuffledPositions(filters, tail.shuffleGroups);
  return () => {
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++) {
        const at = (row * outWidth + column) * filters;
        for (let filter = 0; filter < filters; filter++)
          y.numbers[at + (positions[filter] as number)] = finish(
            product(row, column, filter),
            filter,
          );
      }
  };
};
