import type { AffineRange, AffineScheme } from "../../quant/numbers/affine-grid.js";
import type { Histogram } from "./histogram.js";

/** The share of a bin that only outliers fill, which keeps the divergence finite (as in MXNet's and onnxruntime's calibration). */
const SMOOTHING = 1e-4;

/** The counts of magnitudes, without those of 0 alone. */
const magnitudes = ({ counts, sideBins }: Histogram): Float64Array =>
  Float64Array.from(
    { length: sideBins },
    (_, bin) => (counts[sideBins + bin] as number) + (counts[sideBins - 1 - bin] as number),
  );

/**
 * The Kullback-Leibler divergence of the first `kept` bins, with everything beyond them in the last one, from the same
 * without the outliers on `levels` equal levels, each spread over those of its bins that have values (Migacz 2017).
 */
const divergence = (bins: Float64Array, kept: number, levels: number, outliers: number): number => {
  let sum = 0;
  let ownTotal = 0;
  for (let bin = 0; bin < kept; bin++) ownTotal += bins[bin] as number;
  if (ownTotal === 0) return Number.POSITIVE_INFINITY;
  const total = ownTotal + outliers;
  for (let level = 0; level < levels; level++) {
    const [start, end] = [
      Math.floor((level * kept) / levels),
      Math.floor(((level + 1) * kept) / levels),
    ];
    let [count, filled] = [0, 0];
    for (let bin = start; bin < end; bin++) {
      count += bins[bin] as number;
      if ((bins[bin] as number) > 0) filled++;
    }
    for (let bin = start; bin < end; bin++) {
      const own = (bins[bin] as number) + (bin === kept - 1 ? outliers : 0);
      if (own === 0) continue;
      const p = own / total;
      const q = filled === 0 || bins[bin] === 0 ? SMOOTHING : count / filled / ownTotal;
      sum += p * Math.log(p / q);
    }
  }
  return sum;
};

/**
 * The range whose quantization loses the least information: of all thresholds of the histogram of magnitudes, the one with the
 * least divergence (NVIDIA's 8-bit inference, Migacz 2017). Ends of the seen range inside the threshold stay.
 */
export const entropyRange = (
  histogram: Histogram,
  seen: AffineRange,
  { bits }: AffineScheme,
): AffineRange => {
  const bins = magnitudes(histogram);
  // The first bin is full of the zeros of a ReLU, which every grid has.
  bins[0] = bins[1] as number;
  const levels = seen.low < 0 ? 2 ** (bits - 1) : 2 ** bits;
  const total = bins.reduce((sum, count) => sum + count, 0);
  let inside = 0;
  let best = { kept: bins.length, divergence: Number.POSITIVE_INFINITY };
  for (let kept = 1; kept <= bins.length; kept++) {
    inside += bins[kept - 1] as number;
    if (kept < levels) continue;
    const own = divergence(bins, kept, levels, total - inside);
    if (own < best.divergence) best = { kept, divergence: own };
  }
  const threshold = (best.kept * histogram.limit()) / histogram.sideBins;
  return { low: Math.max(seen.low, -threshold), high: Math.min(seen.high, threshold) };
};
