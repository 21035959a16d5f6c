import {
  doReFaWeights,
  doReFaWeightsGradient as roundedGradient,
} from "../../tensor/ops/dorefa-weights.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { levelsOf } from "../numbers/grids.js";

/**
 * DoReFa weights of k bits (DoReFa-Net, Zhou et al. 2016).
 *
 * Forward for k >= 2 (eq. 9), with t = tanh(w), M = max|t| over the whole tensor and n = 2^k - 1:
 * q = 2 round((t / (2 M) + 1/2) n) / n - 1. The grid has no 0: a zero weight is an exact tie and becomes +1/n.
 * For 1 bit (eq. 8) q = sign(w) E, E = mean|w| of the whole tensor, with sign(0) = 0. For 32 bits q = w.
 *
 * Gradient for k >= 2: that of the op {@link doReFaWeights}. For 1 and 32 bits dw = dq.
 *
 * @param w latent weights of any shape; the result has the same shape
 */
export const quantizeDoReFaWeights = (w: Tensor, bits: number): Tensor => {
  if (bits === 32) return tf.clone(w);
  if (bits > 1) return doReFaWeights(w, levelsOf(bits));
  return tf.tidy(() => tf.mul(tf.sign(w), tf.mean(tf.abs(w))));
};

/** The gradient of {@link quantizeDoReFaWeights}: dw from dq and the latent weights w. */
export const doReFaWeightsGradient = (dq: Tensor, w: Tensor, bits: number): Tensor =>
  bits === 32 || bits === 1 ? tf.clone(dq) : roundedGradient(dq, w);
