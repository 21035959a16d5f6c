import { isFloat, type Quantization } from "../../graph/quantizers.js";

/** The number of steps of a k-bit grid on [0, 1]: n = 2^k - 1. */
export const levelsOf = (bits: number): number => 2 ** bits - 1;

/** The number of steps on [0, 1] of a k-bit grid on [-1, 1]: n = 2^(k - 1) - 1. */
export const signedLevelsOf = (bits: number): number => 2 ** (bits - 1) - 1;

/** The threshold of ternary weights as a share of mean|w| per filter (TWN, Li et al. 2016, eq. 6). */
export const TERNARY_THRESHOLD_SHARE = 0.7;

/**
 * The n for which quantized inputs are multiples of 1 / n, if the weights are on a grid, too; null if either has full
 * precision. A pool or dropout between the quantizer and the convolution may still change the inputs.
 */
export const codeLevels = ({ weights, activations }: Quantization): number | null => {
  if (isFloat(weights) || isFloat(activations)) return null;
  // Affine values are real ones: a convolution computes with them in floats.
  if (weights.kind === "affine" || activations.kind === "affine") return null;
  if (activations.kind !== "dorefa") return 1;
  const { bits, isSigned } = activations;
  return isSigned ? signedLevelsOf(bits) : levelsOf(bits);
};
