import type { AffineRange } from "../../quant/numbers/affine-grid.js";
import type { Histogram } from "./histogram.js";

/** The edge of the bin up to which `share` of all values lie, from the left or, mirrored, from the right. */
const edgeAt = ({ counts, sideBins, limit }: Histogram, share: number, isLow: boolean): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const wanted = share * total;
  let sum = 0;
  for (let step = 0; step < counts.length; step++) {
    const bin = isLow ? step : counts.length - 1 - step;
    sum += counts[bin] as number;
    if (sum <= wanted) continue;
    const edge = isLow ? bin : bin + 1;
    return ((edge - sideBins) * limit()) / sideBins;
  }
  return 0;
};

/**
 * The range that keeps `percentile` percent of the values: what is cut off lies on the sides that have values, half on each of
 * two. Edges are those of bins of the histogram, at most the values that were seen.
 */
export const percentileRange = (
  histogram: Histogram,
  seen: AffineRange,
  percentile: number,
): AffineRange => {
  const cut = 1 - percentile / 100;
  const share = seen.low < 0 && seen.high > 0 ? cut / 2 : cut;
  return {
    low: seen.low < 0 ? Math.max(edgeAt(histogram, share, true), seen.low) : seen.low,
    high: seen.high > 0 ? Math.min(edgeAt(histogram, share, false), seen.high) : seen.high,
  };
};
