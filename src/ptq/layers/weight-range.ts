import { type AffineRange, affineGrid, affineValue } from "../../quant/numbers/affine-grid.js";
import { type ChooseWeightRange, rangeOfValues } from "../../quant/numbers/affine-kernel.js";

/** Shares of the range of all weights that are tried. */
const SHARES = Array.from({ length: 30 }, (_, index) => 1 - index / 50);
/** Kernels of more weights with one scale are sampled. */
const MOST_WEIGHTS = 1 << 14;

/** The range with the least squared error of rounding these weights. */
export const leastErrorWeightRange: ChooseWeightRange = (weights, { bits, isSymmetric }) => {
  const all = rangeOfValues(weights);
  const largest = Math.max(-all.low, all.high);
  const whole = isSymmetric ? { low: -largest, high: largest } : all;
  const stride = Math.max(1, Math.floor(weights.length / MOST_WEIGHTS));
  const errorOf = (range: AffineRange): number => {
    const grid = affineGrid(range, { bits, isSymmetric });
    let sum = 0;
    for (let index = 0; index < weights.length; index += stride) {
      const weight = weights[index] as number;
      sum += (affineValue(weight, grid, bits) - weight) ** 2;
    }
    return sum;
  };
  let best = { range: whole, error: errorOf(whole) };
  const offer = (range: AffineRange): void => {
    const error = errorOf(range);
    if (error < best.error) best = { range, error };
  };
  for (const share of SHARES) offer({ low: whole.low * share, high: whole.high * share });
  if (isSymmetric) return best.range;
  const { low } = best.range;
  for (const share of SHARES) offer({ low, high: whole.high * share });
  const { high } = best.range;
  for (const share of SHARES) offer({ low: whole.low * share, high });
  return best.range;
};
