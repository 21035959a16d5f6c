import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";

// Ops on latent weights w [kh, kw, cIn / groups, cOut]; each result has their shape.

const INPUT_CHANNEL_AXIS = 2;
const FILTER_AXES = [0, 1, 2];

/** mean|w| of each filter: [1, 1, 1, cOut]. */
const filterMagnitude = (w: Tensor): Tensor => tf.mean(tf.abs(w), FILTER_AXES, true);

/** clamp(w - mean(w), -1, 1), with the mean over the input channels. */
export const centerAndClamp = defineOp(
  "centerAndClamp",
  (w: Tensor): Tensor =>
    tf.tidy(() => tf.clipByValue(tf.sub(w, tf.mean(w, INPUT_CHANNEL_AXIS, true)), -1, 1)),
);

/** sign(w) with sign(0) = 0, times mean|w| of the filter if `hasAlpha`. */
export const binaryWeights = defineOp(
  "binaryWeights",
  (w: Tensor, hasAlpha: boolean): Tensor =>
    tf.tidy(() => (hasAlpha ? tf.mul(tf.sign(w), filterMagnitude(w)) : tf.sign(w))),
);

/**
 * The gradient of binary weights with respect to w, for n weights per filter and c input channels per group:
 * (dq mean|w| [|w| <= 1] + sign(w) (1 / n) sum(sign(w) dq)) (1 - 1 / c) n.
 */
export const binaryWeightsBackward = defineOp(
  "binaryWeightsBackward",
  (dq: Tensor, w: Tensor): Tensor =>
    tf.tidy(() => {
      const [kh, kw, inputs] = w.shape as [number, number, number];
      const n = kh * kw * inputs;
      const sign = tf.sign(w);
      const isInside = tf.cast(tf.lessEqual(tf.abs(w), 1), "float32");
      const direct = tf.mul(tf.mul(dq, filterMagnitude(w)), isInside);
      const throughAlpha = tf.mul(sign, tf.div(tf.sum(tf.mul(sign, dq), FILTER_AXES, true), n));
      return tf.mul(tf.add(direct, throughAlpha), (1 - 1 / inputs) * n);
    }),
);
