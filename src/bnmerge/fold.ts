import type { NormChannel } from "../passes/norm-channels.js";

/** The effect of a norm on a filter of the convolution before it: its weights are multiplied, its bias replaced. */
export interface Fold {
  readonly factor: number;
  readonly bias: number;
}

/**
 * Exact folding: gamma (w x + b - mean) / deviation + beta = (factor w) x + bias with factor = gamma / deviation,
 * bias = (b - mean) factor + beta.
 * Example: gamma 2, beta 1, mean 3, deviation 4, bias 5: factor 0.5, bias 2.
 */
export const fold = ({ gamma, beta, mean, deviation }: NormChannel, bias: number): Fold => {
  const factor = gamma / deviation;
  return { factor, bias: (bias - mean) * factor + beta };
};

/**
 * Folding before a sign, which ignores positive factors: the filter keeps its values, bias = b - mean +
 * beta deviation / gamma. A negative gamma negates filter and bias; a gamma of 0 leaves only beta. The reference
 * scripts cover gamma = 1 only.
 * Example: gamma -2, beta 1, mean 3, deviation 4, bias 5: factor -1, bias 0 (5 - 3 - 2 = 0).
 */
export const foldBinary = ({ gamma, beta, mean, deviation }: NormChannel, bias: number): Fold => {
  if (gamma === 0) return { factor: 0, bias: beta };
  const factor = Math.sign(gamma);
  return { factor, bias: factor * (bias - mean + (beta * deviation) / gamma) };
};

/** A norm that remains before a convolution as scale x - threshold. */
export interface Threshold {
  readonly scale: number;
  readonly threshold: number;
}

/**
 * A norm before a sign: sign(gamma (x - mean) / deviation + beta) = sign(scale x - threshold) with
 * scale = sign(gamma) and threshold = scale (mean - beta deviation / gamma); a gamma of 0 leaves sign(beta).
 * Example: gamma 2, beta 1, mean 3, deviation 4: scale 1, threshold 1.
 */
export const foldThreshold = ({ gamma, beta, mean, deviation }: NormChannel): Threshold => {
  if (gamma === 0) return { scale: 0, threshold: -beta };
  const scale = Math.sign(gamma);
  return { scale, threshold: scale * (mean - (beta * deviation) / gamma) };
};

/** A norm before anything else: gamma (x - mean) / deviation + beta = scale x - threshold. */
export const foldAffine = ({ gamma, beta, mean, deviation }: NormChannel): Threshold => {
  const scale = gamma / deviation;
  return { scale, threshold: mean * scale - beta };
};
