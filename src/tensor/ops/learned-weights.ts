import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";

/**
 * Weights on a symmetric grid with a trained step s (LSQ, Esser et al. 2020, on the grid without a zero of UniQ, Pham et al.
 * 2021), with n levels and the range r = s n / 2: q = (2 round((clamp(w / r, -1, 1) / 2 + 1/2) n) - n) / n. The result, in
 * units of r, has the shape of w.
 *
 * @param step [1], positive
 */
export const learnedWeights = defineOp(
  "learnedWeights",
  (w: Tensor, step: Tensor, levels: number): Tensor =>
    tf.tidy(() => {
      const range = tf.mul(step, levels / 2);
      const unit = tf.add(tf.div(tf.clipByValue(tf.div(w, range), -1, 1), 2), 0.5);
      const code = tf.round(tf.mul(unit, levels));
      return tf.div(tf.sub(tf.mul(code, 2), levels), levels);
    }),
);

/** The gradients of {@link learnedWeights}. */
export interface LearnedWeightsGradient {
  readonly dw: Tensor;
  /** [1] */
  readonly dStep: Tensor;
}

/**
 * The gradients of {@link learnedWeights}, straight through the rounding: dw = dq / r [|w| <= r], and ds = -sum(dw w) / s.
 *
 * LSQ (eq. 3) has q - w / r in place of -w / r, because its weights are r q. Their gradients differ by sum(dq q), which is 0
 * if a batch norm follows the layer: the loss does not depend on the scale of its input.
 */
export const learnedWeightsGradient = defineOp(
  "learnedWeightsGradient",
  (dq: Tensor, w: Tensor, step: Tensor, levels: number): LearnedWeightsGradient => {
    const [dw, dStep] = tf.tidy(() => {
      const range = tf.mul(step, levels / 2);
      const isInside = tf.cast(tf.lessEqual(tf.abs(w), range), "float32");
      const inner = tf.mul(tf.div(dq, range), isInside);
      return [inner, tf.neg(tf.div(tf.sum(tf.mul(inner, w)), step))];
    }) as [Tensor, Tensor];
    return { dw, dStep };
  },
);
