import type { ConvShape, FloatWeights, IntegerWeights, PlanStepOf } from "../plan/plan.js";
import { requantize } from "./integers.js";
import type { Numbers, Stored } from "./memory.js";
import { shuffledPositions, tailFunction } from "./tail.js";
import { visitWindow } from "./visit-window.js";

const { fround } = Math;

/** The value of an output before the tail: of a filter at a position. */
type Product = (outRow: number, outColumn: number, filter: number) => number;

/** Sums of codes, which are exact. Padding has the value 0, so its taps add nothing. */
const integerSum = (
  shape: ConvShape,
  { numbers, areHalved, input }: IntegerWeights,
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
    return sum;
  };
};

const integerProduct = (shape: ConvShape, weights: IntegerWeights, x: Numbers): Product => {
  const sum = integerSum(shape, weights, x);
  return (outRow, outColumn, filter) =>
    fround((weights.factor[filter] as number) * fround(sum(outRow, outColumn, filter)));
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

/** The outputs before what follows them: whole sums if these become codes in integers. */
const productOf = ({ shape, weights, requantization }: PlanStepOf<"conv">, x: Numbers): Product => {
  if (weights.kind === "floats") return floatProduct(shape, weights, x);
  return (requantization ? integerSum : integerProduct)(shape, weights, x);
};

/** A convolution with its tail. */
export const convStep = (step: PlanStepOf<"conv">, x: Stored, y: Stored): (() => void) => {
  const { shape, tail, requantization } = step;
  const { outHeight, outWidth, filters } = shape;
  const product = productOf(step, x.numbers);
  const finish = requantization ? requantize(requantization) : tailFunction(tail);
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
