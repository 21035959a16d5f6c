import { LEAST_AFFINE_SCALE } from "../../graph/quantizers.js";
import { levelsOf } from "./grids.js";
import { roundToEven } from "./round-to-even.js";

const { fround } = Math;

/** An affine grid x = scale (code - zero) with codes from 0 to 2^bits - 1. */
export interface AffineGrid {
  /** A float32. */
  readonly scale: number;
  readonly zero: number;
}

/** A range of values that a grid has to cover, besides 0. */
export interface AffineRange {
  readonly low: number;
  readonly high: number;
}

/** How a range becomes a grid. */
export interface AffineScheme {
  readonly bits: number;
  readonly isSymmetric: boolean;
}

/** A scale; 1 for a range without extent. */
const extended = (scale: number): number => (scale >= LEAST_AFFINE_SCALE ? scale : 1);

/**
 * The grid of a range, in float32; see affineNumbers (tensor/ops/affine.ts) for the formula.
 * Example: [-1, 2] with 2 bits has scale 1 and zero 1; symmetric, the middle 2 as its zero and scale 2.
 */
export const affineGrid = (range: AffineRange, { bits, isSymmetric }: AffineScheme): AffineGrid => {
  const levels = levelsOf(bits);
  const [low, high] = [fround(Math.min(range.low, 0)), fround(Math.max(range.high, 0))];
  const middle = (levels + 1) / 2;
  if (!isSymmetric) {
    const scale = extended(fround(fround(high - low) / levels));
    // Adding 0 turns -0 into 0.
    return { scale, zero: roundToEven(fround(-low / scale)) + 0 };
  }
  if (low < 0)
    return { scale: extended(fround(Math.max(-low, high) / (middle - 1))), zero: middle };
  return { scale: extended(fround(high / levels)), zero: 0 };
};

/** The code of a value: clamp(round(x / scale) + zero, 0, 2^bits - 1), halves to even, with the reciprocal in float32. */
export const affineCode = (value: number, { scale, zero }: AffineGrid, bits: number): number => {
  const code = roundToEven(fround(value * fround(1 / scale))) + zero;
  // A shift: this runs for every value, and a power takes longer than all else here.
  return Math.min(Math.max(code, 0), (1 << bits) - 1);
};

/** The value that a grid has in place of x, in float32. */
export const affineValue = (value: number, grid: AffineGrid, bits: number): number =>
  fround((affineCode(value, grid, bits) - grid.zero) * grid.scale);
