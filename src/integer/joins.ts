import {
  type FixedPoint,
  fixedPoint,
  multiplyAllFixed,
  multiplyFixed,
  type Rounding,
} from "./fixed-point.js";
import type { IntegerGrid, IntegerOutput, IntegerValue } from "./integer-plan.js";

/** Bits by which the terms of a sum are shifted up, so that their rounding does not matter (TensorFlow Lite's Add of int8). */
const LEFT_SHIFT = 20;

/** Multiplies sums or products in place, and brings them to the zero and the limits of the output. */
const finish = (
  numbers: Int32Array,
  by: FixedPoint,
  { grid: { zero }, low, high }: IntegerOutput,
  rounding: Rounding,
): Int32Array => {
  multiplyAllFixed(numbers, by, rounding);
  for (let at = 0; at < numbers.length; at++)
    numbers[at] = Math.min(Math.max((numbers[at] as number) + zero, low), high);
  return numbers;
};

/** The multiplier that brings codes of one scale to another. */
export const rescaleCodes = (from: IntegerGrid, to: IntegerGrid): FixedPoint =>
  fixedPoint(from.scale / to.scale);

/** Terms at the scale 2 max(scales) / 2^20 of all terms, by their codes from the least on. */
const termsOf = ({ zero, least, most }: IntegerGrid, by: FixedPoint, rounding: Rounding) => {
  const terms = new Int32Array(most - least + 1);
  for (let at = 0; at < terms.length; at++) terms[at] = (at + least - zero) * 2 ** LEFT_SHIFT;
  multiplyAllFixed(terms, by, rounding);
  return terms;
};

/** Codes of a grid without their zero, from the least on. */
const numbersOf = ({ zero, least, most }: IntegerGrid): Int32Array =>
  Int32Array.from({ length: most - least + 1 }, (_, at) => at + least - zero);

/** The multiplier that brings sums of terms at half of the scale `twice` to the output. */
const backOf = (twice: number, { grid }: IntegerOutput): FixedPoint =>
  fixedPoint(twice / (2 ** LEFT_SHIFT * grid.scale));

const productRatio = (one: IntegerGrid, other: IntegerGrid, { grid }: IntegerOutput): FixedPoint =>
  fixedPoint((one.scale * other.scale) / grid.scale);

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
  const [first] = inputs as [Int32Array];
  const sums = new Int32Array(first.length);
  for (const [at, { grid }] of values.entries()) {
    const terms = termsOf(grid, fixedPoint(grid.scale / twice), rounding);
    const codes = inputs[at] as Int32Array;
    for (let index = 0; index < sums.length; index++)
      (sums[index] as number) += terms[(codes[index] as number) - grid.least] as number;
  }
  return finish(sums, backOf(twice, output), output, rounding);
};

/** The product of a value and another of its shape, or of one number per channel (TensorFlow Lite's Mul of int8). */
export const multiplyCodes = (
  [x, factor]: readonly Int32Array[],
  [of, by]: readonly IntegerValue[],
  output: IntegerOutput,
  rounding: Rounding,
): Int32Array => {
  if (!x || !factor || !of || !by) throw new Error("A product has two factors.");
  const products = x.map((code, index) => {
    const other = factor[index % factor.length] as number;
    return (code - of.grid.zero) * (other - by.grid.zero);
  });
  return finish(products, productRatio(of.grid, by.grid, output), output, rounding);
};

/** Codes of a byte. */
const BYTES = 256;
/** Sums beyond this have the codes of limits. */
const BEYOND = 2 ** 31;

/** The least whole number that a multiplier brings to at least `result`. */
const leastFor = (result: number, by: FixedPoint, rounding: Rounding): number => {
  const real = by.multiplier * 2 ** (by.shift - 31);
  if (real === 0) return result > 0 ? BEYOND : -BEYOND;
  let least = Math.floor((result - 0.5) / real);
  if (Math.abs(least) >= BEYOND / 2) return Math.sign(least) * BEYOND;
  // The estimate is off by a few at most.
  while (multiplyFixed(least, by, rounding) < result) least++;
  while (multiplyFixed(least - 1, by, rounding) >= result) least--;
  return least;
};

/** The codes of sums of terms that grow with their codes; `to` is [256, 256]. */
const fillSums = (
  [xs, ys]: readonly [Int32Array, Int32Array],
  by: FixedPoint,
  { grid: { zero, least }, low, high }: IntegerOutput,
  { to, rounding }: { readonly to: Uint8Array; readonly rounding: Rounding },
): void => {
  // The least sum of every code after the lowest.
  const starts = Float64Array.from({ length: high - low + 1 }, (_, at) =>
    at < high - low ? leastFor(low + at + 1 - zero, by, rounding) : Number.POSITIVE_INFINITY,
  );
  for (let one = 0; one < xs.length; one++) {
    const x = xs[one] as number;
    let code = 0;
    for (let other = 0; other < ys.length; other++) {
      const sum = x + (ys[other] as number);
      while (sum >= (starts[code] as number)) code++;
      to[one * BYTES + other] = code + low - least;
    }
  }
};

/**
 * The codes of addCodes or multiplyCodes for all pairs of codes, counted from 0: that of `one` and `other` at 256 one + other. Those
 * of pairs that do not occur are 0.
 */
export const pairCodes = (
  kind: "add" | "multiply",
  [one, other]: readonly [IntegerGrid, IntegerGrid],
  output: IntegerOutput,
  rounding: Rounding,
): Uint8Array => {
  const to = new Uint8Array(BYTES * BYTES);
  if (kind === "add") {
    const twice = 2 * Math.max(one.scale, other.scale);
    const termsAt = (grid: IntegerGrid): Int32Array =>
      termsOf(grid, fixedPoint(grid.scale / twice), rounding);
    fillSums([termsAt(one), termsAt(other)], backOf(twice, output), output, { to, rounding });
    return to;
  }
  const [xs, ys] = [numbersOf(one), numbersOf(other)];
  const ratio = productRatio(one, other, output);
  for (const [at, x] of xs.entries()) {
    const products = ys.map((y) => x * y);
    finish(products, ratio, output, rounding);
    to.set(
      products.map((code) => code - output.grid.least),
      at * BYTES,
    );
  }
  return to;
};
