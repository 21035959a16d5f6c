import type { Activation } from "../../tensor/ops/activation.js";
import { type Tensor, tf } from "../../tensor/tf.js";

/** Where an activation clips its input; undefined where it never does. */
const isClipped = (x: Tensor, activation: Activation): Tensor | undefined => {
  switch (activation.kind) {
    case "identity":
    case "relu":
      return undefined;
    case "unit":
    case "unitSign":
      return tf.greater(tf.mul(x, activation.scale), 1);
    case "sign":
    case "step":
    case "ternary":
      return activation.straightThrough === "identity" ? undefined : tf.greaterEqual(tf.abs(x), 1);
  }
};

/**
 * The share of inputs, 0 to 1, that an activation clips, so that their gradient is cut off: those above the clamp of
 * DoReFa, and those from 1 on in magnitude in front of a sign whose gradient saturates. What a ReLU cuts off is not
 * clipped. Null for an activation that clips nothing. The caller keeps x.
 */
export const clippedShare = (x: Tensor, activation: Activation): number | null => {
  let share: number | null = null;
  tf.tidy(() => {
    const clipped = isClipped(x, activation);
    if (clipped) share = tf.mean(tf.cast(clipped, "float32")).dataSync()[0] as number;
  });
  return share;
};
