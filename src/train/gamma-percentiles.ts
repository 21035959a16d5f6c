import type { Net } from "../models/net.js";

/** |gamma| at 30, 50 and 70 percent. */
export type GammaPercentiles = Readonly<Record<"30" | "50" | "70", number>>;

/**
 * Measures the progress of sparse training. Of all |gamma| except those of the last convolution's norm, sorted together,
 * it takes the one at index floor(total p), for p of 0.3, 0.5 and 0.7: the threshold that pruning uses for this share of
 * the channels (rule of the reference scripts). Small values mean that pruning loses little.
 */
export const gammaPercentiles = ({ parameters }: Net): GammaPercentiles => {
  // Parameters are in the order of the net, so what follows the last weights is their norm.
  const lastWeights = parameters.findLastIndex(({ role }) => role === "weight");
  const gammas = parameters.slice(0, lastWeights).filter(({ role }) => role === "gamma");
  const sorted = Float32Array.from(
    gammas.flatMap(({ value }) => [...value.dataSync()]),
    Math.abs,
  ).sort();
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { "30": at(0.3), "50": at(0.5), "70": at(0.7) };
};
