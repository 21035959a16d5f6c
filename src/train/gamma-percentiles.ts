import type { Net } from "../models/net.js";

/** |gamma| at 30, 50 and 70 percent. */
export type GammaPercentiles = Readonly<Record<"30" | "50" | "70", number>>;

/**
 * How far sparse training has come: of all |gamma| but those of the last convolution's norm, sorted
 * together, the one at index floor(total p), for p of 0.3, 0.5 and 0.7. It is the threshold that pruning
 * takes for this share of the channels (the original's rule), so small values mean little is lost.
 */
export const gammaPercentiles = ({ parameters, spec }: Net): GammaPercentiles => {
  // Where norms stand in front of the convolutions, the last one has no gamma to leave out.
  const gammas = parameters.filter(({ role }) => role === "gamma").slice(0, spec.convs.length - 1);
  const sorted = Float32Array.from(
    gammas.flatMap(({ value }) => [...value.dataSync()]),
    Math.abs,
  ).sort();
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { "30": at(0.3), "50": at(0.5), "70": at(0.7) };
};
