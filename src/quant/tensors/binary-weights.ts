import { binaryWeights, binaryWeightsBackward } from "../../tensor/ops/binary-weights.js";
import type { Tensor } from "../../tensor/tf.js";

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
  binaryWeights(w, hasAlpha);

/** The gradient of {@link quantizeBinaryWeights}: dw from dq and the latent weights w. */
export const binaryWeightsGradient = (dq: Tensor, w: Tensor): Tensor =>
  binaryWeightsBackward(dq, w);
