import { type Tensor, tf } from "../../tensor/tf.js";
import { levelsOf } from "../numbers/grids.js";

/** Keeps 0 / 0 of an all-zero tensor away: u becomes 1/2 there, and the gradient 0. */
const nonZero = (maximum: Tensor): Tensor => tf.where(tf.equal(maximum, 0), 1, maximum);

/**
 * DoReFa weights of k >= 2 bits (DoReFa-Net, eq. 9): with t = tanh(w) and n = 2^k - 1,
 * q = 2 round((t / (2 max|t|) + 1/2) n) / n - 1, the maximum over the whole tensor.
 * A zero weight is an exact tie and becomes +1/n: the grid has no 0.
 * 1 bit (eq. 8): sign(w / E) E with E = mean|w| of the whole tensor, zeros staying 0.
 * 32 bits: w itself. Any shape; the result has the shape of w.
 */
export const quantizeDoReFaWeights = (w: Tensor, bits: number): Tensor => {
  if (bits === 32) return tf.clone(w);
  return tf.tidy(() => {
    if (bits === 1) return tf.mul(tf.sign(w), tf.mean(tf.abs(w)));
    const t = tf.tanh(w);
    const maximum = nonZero(tf.max(tf.abs(t)));
    const unit = tf.add(tf.div(tf.div(t, maximum), 2), 0.5);
    const levels = levelsOf(bits);
    const code = tf.round(tf.mul(unit, levels));
    // (2 code - n) / n instead of 2 (code / n) - 1: the same grid without the cancellation near 0.
    return tf.div(tf.sub(tf.mul(code, 2), levels), levels);
  });
};

/**
 * What flows back to w from dq. The rounding passes it straight through; tanh and the maximum are
 * differentiated, and weights that tie for the maximum share its part evenly (as PyTorch does):
 * dt = dq / M - sign(t) [|t| = M] / ties (sum dq t) / M², dw = dt (1 - t²). 1 and 32 bits: dq.
 */
export const doReFaWeightsGradient = (dq: Tensor, w: Tensor, bits: number): Tensor => {
  if (bits === 32 || bits === 1) return tf.clone(dq);
  return tf.tidy(() => {
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
  });
};
