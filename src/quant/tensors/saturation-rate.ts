import type { Activation } from "../../tensor/ops/activation.js";
import { type Tensor, tf } from "../../tensor/tf.js";

/** Marks the inputs that an activation clips; undefined if it clips none. */
const isClipped = (x: Tensor, activation: Activation): Tensor | undefined => {
  switch (activation.kind) {
    case "identity":
    case "relu":
    case "sigmoid":
    case "silu":
    case "hardSigmoid":
    case "hardSwish":
    case "leakyRelu":
      return undefined;
    case "relu6":
      return tf.greaterEqual(x, 6);
    case "signedUnit":
      return tf.greater(tf.abs(tf.mul(x, activation.scale)), 1);
    case "affine": {
      const codes = tf.add(tf.round(tf.mul(x, 1 / activation.scale)), activation.zero);
      const isAbove = tf.greater(codes, activation.levels);
      return activation.zero === 0 ? isAbove : tf.logicalOr(isAbove, tf.less(codes, 0));
    }
    case "unit":
    case "unitSign": {
      const isAbove = tf.greater(tf.mul(x, activation.scale), 1);
      const { limit } = activation;
      return limit === undefined ? isAbove : tf.logicalOr(isAbove, tf.greaterEqual(x, limit));
    }
    case "sign":
    case "step":
    case "ternary":
      return activation.straightThrough === "identity" ? undefined : tf.greaterEqual(tf.abs(x), 1);
  }
};

/**
 * The saturation rate of an activation: the share of its inputs, 0 to 1, that it clips, so that their gradient is 0. DoReFa
 * clips inputs outside its clamp, a ReLU6 inputs of 6 and more, and a sign with a saturating gradient magnitudes of 1 and
 * more. What a ReLU sets to 0 does not count. Null for an activation that never clips; the flat ends of a sigmoid do not
 * count. The caller keeps x.
 */
export const saturationRate = (x: Tensor, activation: Activation): number | null => {
  let rate: number | null = null;
  tf.tidy(() => {
    const clipped = isClipped(x, activation);
    if (clipped) rate = tf.mean(tf.cast(clipped, "float32")).dataSync()[0] as number;
  });
  return rate;
};
