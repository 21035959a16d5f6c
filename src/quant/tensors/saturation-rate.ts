import type { Activation } from "../../tensor/ops/activation.js";
import { type Tensor, tf } from "../../tensor/tf.js";

/** Marks the inputs that an activation clips; undefined if it clips none. */
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
 * The saturation rate of an activation: the share of its inputs, 0 to 1, that it clips, so that their gradient is 0. DoReFa
 * clips inputs above its clamp; a sign with a saturating gradient clips magnitudes of 1 and more. What a ReLU sets to 0
 * does not count. Null for an activation that never clips. The caller keeps x.
 */
export const saturationRate = (x: Tensor, activation: Activation): number | null => {
  let rate: number | null = null;
  tf.tidy(() => {
    const clipped = isClipped(x, activation);
    if (clipped) rate = tf.mean(tf.cast(clipped, "float32")).dataSync()[0] as number;
  });
  return rate;
};
