import { type FixedPoint, fixedPoint, multiplyFixed, type Rounding } from "./fixed-point.js";
import type { IntegerGrid, IntegerOutput, IntegerValue } from "./integer-plan.js";

/** Bits by which the terms of a sum are shifted up, so that their rounding does not matter (TensorFlow Lite's Add of int8). */
const LEFT_SHIFT = 20;

const clamped = (code: number, { low, high }: IntegerOutput): number =>
  Math.min(Math.max(code, low), high);

/** The multiplier that brings codes of one scale to another. */
export const rescaleCodes = (from: IntegerGrid, to: IntegerGrid): FixedPoint =>
  fixedPoint(from.scale / to.scale);

/** Terms at the scale 2 max(scales) / 2^20 of all terms, by their codes; each code is computed once. */
const termOf = (
  { zero }: IntegerGrid,
  by: FixedPoint,
  rounding: Rounding,
): ((code: number) => number) => {
  const terms = new Map<number, number>();
  return (code) => {
    const known = terms.get(code);
    if (known !== undefined) return known;
    const term = multiplyFixed((code - zero) * 2 ** LEFT_SHIFT, by, rounding);
    terms.set(code, term);
    return term;
  };
};

/**
 * The sum of values of different scales (TensorFlow Lite's Add of int8): each is shifted up by 20 bits and brought to twice the
 * largest scale; their sum is brought to the scale of the output. More than two are added from first to last in int32.
 */
export const addCodes = (
  inputs: readonly Int32Array[],
  values: readonly IntegerValue[],
  output: IntegerOutput,
  rounding: Rounding,
): Int32Array => {
  const twice = 2 * Math.max(...values.map(({ grid }) => grid.scale));
  const terms = values.map(({ grid }) => termOf(grid, fixedPoint(grid.scale / twice), rounding));
  const back = fixedPoint(twice / (2 ** LEFT_SHIFT * output.grid.scale));
  const [first] = inputs as [Int32Array];
  return first.map((_, index) => {
    let sum = 0;
    for (let at = 0; at < inputs.length; at++)
      sum += terms[at]?.(inputs[at]?.[index] as number) ?? 0;
    return clamped(multiplyFixed(sum, back, rounding) + output.grid.zero, output);
  });
};

/** The product of a value and another of its shape, or of one number per channel (TensorFlow Lite's Mul of int8). */
export const multiplyCodes = (
  [x, factor]: readonly Int32Array[],
  [of, by]: readonly IntegerValue[],
  output: IntegerOutput,
  rounding: Rounding,
): Int32Array => {
  if (!x || !factor || !of || !by) throw new Error("A product has two factors.");
  const ratio = fixedPoint((of.grid.scale * by.grid.scale) / output.grid.scale);
  return x.map((code, index) => {
    const other = factor[index % factor.length] as number;
    const product = (code - of.grid.zero) * (other - by.grid.zero);
    return clamped(multiplyFixed(product, ratio, rounding) + output.grid.zero, output);
  });
};
