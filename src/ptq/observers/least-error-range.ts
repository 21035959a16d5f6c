import {
  type AffineRange,
  type AffineScheme,
  affineGrid,
  affineValue,
} from "../../quant/numbers/affine-grid.js";
import type { Histogram } from "./histogram.js";

/** Shares of the seen range that are tried, in percent. */
const SHARES = Array.from({ length: 90 }, (_, index) => (100 - index) / 100);

/** A bin that has values. */
interface Filled {
  readonly center: number;
  readonly count: number;
}

const filledBins = ({ counts, sideBins, limit }: Histogram): Filled[] => {
  const width = limit() / sideBins;
  const bins: Filled[] = [];
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number;
    // Most values of a ReLU are 0, which every grid has.
    if (count > 0 && bin !== sideBins) bins.push({ center: (bin - sideBins + 0.5) * width, count });
  }
  return bins;
};

/**
 * The range with the least squared error of quantizing the values of a histogram, each at the center of its bin: first the
 * best share of both ends, then the best share of each end alone.
 */
export const leastErrorRange = (
  histogram: Histogram,
  { low, high }: AffineRange,
  scheme: AffineScheme,
): AffineRange => {
  const bins = filledBins(histogram);
  const errorOf = (range: AffineRange): number => {
    const grid = affineGrid(range, scheme);
    let sum = 0;
    for (const { center, count } of bins) {
      const error = affineValue(center, grid, scheme.bits) - center;
      sum += count * error * error;
    }
    return sum;
  };
  let best = { range: { low, high }, error: errorOf({ low, high }) };
  const offer = (range: AffineRange): void => {
    const error = errorOf(range);
    if (error < best.error) best = { range, error };
  };
  for (const share of SHARES) offer({ low: low * share, high: high * share });
  if (low >= 0 || high <= 0 || scheme.isSymmetric) return best.range;
  for (const share of SHARES) offer({ low: low * share, high: best.range.high });
  for (const share of SHARES) offer({ low: best.range.low, high: high * share });
  return best.range;
};
