import type { ConvWeights } from "./conv-weights.js";
import type { NetSpec } from "./spec.js";

/** The numbers of one channel of a batch norm. */
export interface NormChannel {
  readonly gamma: number;
  readonly beta: number;
  readonly mean: number;
  /** sqrt(variance + epsilon). */
  readonly deviation: number;
}

/** The norm of a convolution, channel by channel, as it computes: smaller gammas are raised to the spec's minimum. */
export const normChannels = (
  { affine, movingMean, movingVariance }: ConvWeights,
  { norm }: NetSpec,
): NormChannel[] =>
  Array.from(movingMean, (mean, channel) => {
    const gamma = affine?.gamma[channel] ?? 1;
    return {
      gamma: norm.minGamma !== null && affine ? Math.max(gamma, norm.minGamma) : gamma,
      beta: affine?.beta[channel] ?? 0,
      mean,
      deviation: Math.sqrt((movingVariance[channel] as number) + norm.epsilon),
    };
  });
