import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";

/** What an activation that clamps to [0, 1] is given. */
interface UnitClamp {
  /** Factor before the clamp; 0.1 in the original, against the error of clipping. */
  readonly scale: number;
  /**
   * True: a ReLU is part of the activation and its gradient is 0 at x = 0.
   * False: the clamp alone, whose gradient passes at both of its ends.
   */
  readonly afterRelu: boolean;
}

/**
 * An elementwise activation:
 * - `identity`
 * - `relu`: max(x, 0); gradient where x > 0
 * - `unit`: round(clamp(scale x, 0, 1) levels) / levels, half to even, in this order in float32;
 *   gradient `scale` inside the clamp (straight through the rounding; DoReFa-Net, eq. 5 and section 2.4)
 * - `unitSign`: sign(clamp(scale x, 0, 1)), its one-bit case; same gradient
 */
export type Activation =
  | { readonly kind: "identity" }
  | { readonly kind: "relu" }
  | ({ readonly kind: "unit"; readonly levels: number } & UnitClamp)
  | ({ readonly kind: "unitSign" } & UnitClamp);

const value = (x: Tensor, activation: Activation): Tensor => {
  switch (activation.kind) {
    case "identity":
      return tf.clone(x);
    case "relu":
      return tf.relu(x);
    case "unit": {
      const unit = tf.clipByValue(tf.mul(x, activation.scale), 0, 1);
      return tf.div(tf.round(tf.mul(unit, activation.levels)), activation.levels);
    }
    case "unitSign":
      return tf.sign(tf.clipByValue(tf.mul(x, activation.scale), 0, 1));
  }
};

const slope = (x: Tensor, activation: Activation): Tensor => {
  switch (activation.kind) {
    case "identity":
      return tf.onesLike(x);
    case "relu":
      return tf.cast(tf.greater(x, 0), "float32");
    case "unit":
    case "unitSign": {
      const above = activation.afterRelu ? tf.greater(x, 0) : tf.greaterEqual(x, 0);
      const below = tf.lessEqual(tf.mul(x, activation.scale), 1);
      return tf.mul(tf.cast(tf.logicalAnd(above, below), "float32"), activation.scale);
    }
  }
};

/** f(x) for an {@link Activation}, any shape. */
export const activate = defineOp(
  "activate",
  (x: Tensor, activation: Activation): Tensor => tf.tidy(() => value(x, activation)),
);

/** f'(x) dy: what flows back through {@link activate}; x is its input. */
export const activateGradient = defineOp(
  "activateGradient",
  (dy: Tensor, x: Tensor, activation: Activation): Tensor =>
    tf.tidy(() => tf.mul(slope(x, activation), dy)),
);
