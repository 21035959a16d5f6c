import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";

/** Avoids 0 / 0 for an all-zero tensor: u becomes 1/2 and the gradient 0. */
const nonZero = (maximum: Tensor): Tensor => tf.where(tf.equal(maximum, 0), 1, maximum);

/**
 * DoReFa weights of at least 2 bits (DoReFa-Net, Zhou et al. 2016, eq. 9), with t = tanh(w), M = max|t| over the whole
 * tensor and n levels: q = 2 round((t / (2 M) + 1/2) n) / n - 1. The result has the shape of w.
 */
export const doReFaWeights = defineOp(
  "doReFaWeights",
  (w: Tensor, levels: number): Tensor =>
    tf.tidy(() => {
      const t = tf.tanh(w);
      const maximum = nonZero(tf.max(tf.abs(t)));
      const unit = tf.add(tf.div(tf.div(t, maximum), 2), 0.5);
      const code = tf.round(tf.mul(unit, levels));
      // (2 code - n) / n is the same grid as 2 (code / n) - 1, without the cancellation near 0.
      return tf.div(tf.sub(tf.mul(code, 2), levels), levels);
    }),
);

/**
 * The gradient of {@link doReFaWeights}: dw from dq and the latent weights w. The rounding passes it straight through; tanh
 * and the maximum are differentiated, and weights that tie for the maximum share its part evenly, as in PyTorch:
 * dt = dq / M - sign(t) [|t| = M] / ties (sum dq t) / M², dw = dt (1 - t²).
 */
export const doReFaWeightsGradient = defineOp(
  "doReFaWeightsGradient",
  (dq: Tensor, w: Tensor): Tensor =>
    tf.tidy(() => {
      const t = tf.tanh(w);
      const magnitude = tf.abs(t);
      const largest = tf.max(magnitude);
      const maximum = nonZero(largest);
      const isLargest = tf.cast(tf.equal(magnitude, largest), "float32");
      const throughMaximum = tf.div(
        tf.sum(tf.mul(dq, t)),
        tf.mul(tf.square(maximum), tf.sum(isLargest)),
      );
      const dt = tf.sub(tf.div(dq, maximum), tf.mul(tf.mul(tf.sign(t), isLargest), throughMaximum));
      const dw = tf.mul(dt, tf.sub(1, tf.square(t)));
      return tf.where(tf.equal(largest, 0), tf.zerosLike(dw), dw);
    }),
);
