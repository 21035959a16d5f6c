import type { WeightQuantization } from "../../graph/quantizers.js";
import { affineNumbers, fakeQuantize } from "../../tensor/ops/affine.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { levelsOf } from "../numbers/grids.js";
import { FILTER_AXES } from "./filters.js";

type Affine = Extract<WeightQuantization, { kind: "affine" }>;

/**
 * Affine weights (Jacob et al. 2018): each filter, or the whole kernel, rounded to scale (code - zero) in the range of its own
 * weights. Symmetric weights have codes from -n to n = 2^(bits - 1) - 1, so that the integer kernel needs no zero point.
 *
 * Gradient: dw = dq, since no weight is clipped and the range is a constant.
 *
 * @param w latent weights [kh, kw, cIn / groups, cOut]
 */
export const quantizeAffineWeights = (
  w: Tensor,
  { bits, isPerChannel, isSymmetric }: Affine,
): Tensor =>
  tf.tidy(() => {
    const axes = isPerChannel ? FILTER_AXES : [...FILTER_AXES, 3];
    const levels = levelsOf(bits);
    const [least, most] = [tf.min(w, axes, true), tf.max(w, axes, true)];
    // Symmetric weights use the signed grid even where all of them are positive.
    const low = isSymmetric ? tf.neg(tf.maximum(tf.abs(least), tf.abs(most))) : least;
    const high = isSymmetric ? tf.neg(low) : most;
    return fakeQuantize(w, affineNumbers(low, high, { levels, isSymmetric }), levels);
  });
