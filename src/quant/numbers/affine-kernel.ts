import type { WeightQuantization } from "../../graph/quantizers.js";
import { type AffineGrid, type AffineRange, affineCode, affineGrid } from "./affine-grid.js";
import type { GridKernel } from "./grid-kernel.js";

type Affine = Extract<WeightQuantization, { kind: "affine" }>;

/** The least and the largest of some numbers. */
export const rangeOfValues = (values: Float32Array): AffineRange => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
};

/** The range of weights that a symmetric grid covers; both ends have the larger magnitude. */
const weightRange = ({ low, high }: AffineRange, isSymmetric: boolean): AffineRange => {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return isSymmetric ? { low: -largest, high: largest } : { low, high };
};

/** Chooses the range of the weights of one filter, or of a whole kernel. */
export type ChooseWeightRange = (weights: Float32Array, quantizer: Affine) => AffineRange;

/** The grid of each filter; all have the same one if the quantizer has one scale for the kernel. */
export const weightGrids = (
  values: Float32Array,
  filters: number,
  quantizer: Affine,
  choose: ChooseWeightRange = rangeOfValues,
): AffineGrid[] => {
  const size = values.length / filters;
  const gridOf = (weights: Float32Array): AffineGrid => {
    const range = weightRange(choose(weights, quantizer), quantizer.isSymmetric);
    const grid = affineGrid(range, quantizer);
    // A filter of zeros has the zero point of all others.
    return quantizer.isSymmetric ? { ...grid, zero: 2 ** (quantizer.bits - 1) } : grid;
  };
  if (!quantizer.isPerChannel) return new Array<AffineGrid>(filters).fill(gridOf(values));
  return Array.from({ length: filters }, (_, filter) =>
    gridOf(values.subarray(filter * size, (filter + 1) * size)),
  );
};

/** Rounds the weights of a kernel [filters, ...] to the grid of each filter. */
export const kernelOnGrids = (
  values: Float32Array,
  grids: readonly AffineGrid[],
  { bits, isSymmetric }: Affine,
): GridKernel => {
  const size = values.length / grids.length;
  const codes = new Int16Array(values.length);
  const least = isSymmetric ? 1 : 0;
  for (const [filter, grid] of grids.entries())
    for (let index = filter * size; index < (filter + 1) * size; index++)
      codes[index] = Math.max(affineCode(values[index] as number, grid, bits), least) - grid.zero;
  return {
    grid: { kind: "affine", bits },
    codes,
    scale: Float32Array.from(grids, ({ scale }) => scale),
  };
};

/** The reference implementation of quantizeAffineWeights (tensors/affine-weights.ts, with the formula), as codes. */
export const affineKernel = (
  values: Float32Array,
  filters: number,
  quantizer: Affine,
): GridKernel => kernelOnGrids(values, weightGrids(values, filters, quantizer), quantizer);

/**
 * Zero points with which the codes of every filter become codes from 0 to 2^bits - 1: the middle if all fit around it
 * symmetrically, otherwise the negative of the least code, or 0. With one scale for all filters, they share one.
 */
export const zeroPoints = ({ grid, codes, scale }: GridKernel): Uint8Array | null => {
  const bits = grid.kind === "affine" ? grid.bits : 1;
  const largest = 2 ** (bits - 1) - 1;
  if (codes.every((code) => Math.abs(code) <= largest)) return null;
  const size = codes.length / scale.length;
  return Uint8Array.from(scale, (_, filter) => {
    const own = codes.subarray(filter * size, (filter + 1) * size);
    return -own.reduce((least, code) => Math.min(least, code), 0);
  });
};
