import { type Tensor, tf } from "../../tensor/tf.js";
import { FILTER_AXES, filterMagnitude, weightsPerFilter } from "./filters.js";

/**
 * Binary weights (BNN, Courbariaux et al. 2016, eq. 1; with alpha XNOR-Net, Rastegari et al. 2016, eq. 6).
 *
 * Forward: q = sign(w) with sign(0) = 0; with `hasAlpha` q = alpha sign(w), alpha = mean|w| of the filter.
 *
 * Gradient, with and without alpha (reference scripts, after XNOR-Net, section 3.1), for n weights per filter and c input
 * channels per group: dw = (dq mean|w| [|w| <= 1] + sign(w) (1 / n) sum(sign(w) dq)) (1 - 1 / c) n.
 *
 * @param w latent weights [kh, kw, cIn / groups, cOut]; the result has the same shape
 */
export const quantizeBinaryWeights = (w: Tensor, hasAlpha: boolean): Tensor =>
  tf.tidy(() => (hasAlpha ? tf.mul(tf.sign(w), filterMagnitude(w)) : tf.sign(w)));

/** The gradient of {@link quantizeBinaryWeights}: dw from dq and the latent weights w. */
export const binaryWeightsGradient = (dq: Tensor, w: Tensor): Tensor =>
  tf.tidy(() => {
    const n = weightsPerFilter(w);
    const inputs = w.shape[2] as number;
    const sign = tf.sign(w);
    const isInside = tf.cast(tf.lessEqual(tf.abs(w), 1), "float32");
    const direct = tf.mul(tf.mul(dq, filterMagnitude(w)), isInside);
    const throughAlpha = tf.mul(sign, tf.div(tf.sum(tf.mul(sign, dq), FILTER_AXES, true), n));
    return tf.mul(tf.add(direct, throughAlpha), (1 - 1 / inputs) * n);
  });
