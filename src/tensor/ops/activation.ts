import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";

/** Options of an activation that clamps to [0, 1]. */
interface UnitClamp {
  /** Factor before the clamp; the reference scripts use 0.1 to clip fewer inputs. */
  readonly scale: number;
  /**
   * True: a ReLU is part of the activation, and the gradient is 0 at x = 0.
   * False: only the clamp, whose gradient passes at both ends.
   */
  readonly afterRelu: boolean;
}

/** How the gradient passes a sign: unchanged, only where |x| < 1, or times max(0, 1 - |x|). */
export type StraightThrough = "identity" | "saturate" | "soft";

/**
 * An elementwise activation:
 * - `identity`
 * - `relu`: max(x, 0); gradient where x > 0
 * - `unit`: round(clamp(scale x, 0, 1) levels) / levels, halves to even, in this order in float32; gradient `scale` inside the
 *   clamp, straight through the rounding (DoReFa-Net, Zhou et al. 2016, eq. 5 and section 2.4)
 * - `unitSign`: sign(clamp(scale x, 0, 1)), the 1-bit case; same gradient
 * - `sign`: sign(x) with sign(0) = 0 (BNN, Courbariaux et al. 2016, eq. 1); gradient by `straightThrough`
 * - `step`: 1 where x > 0, otherwise 0; gradient by `straightThrough`
 * - `ternary`: 0 where |x| <= 0.5, otherwise sign(x); gradient by `straightThrough`
 */
export type Activation =
  | { readonly kind: "identity" }
  | { readonly kind: "relu" }
  | ({ readonly kind: "unit"; readonly levels: number } & UnitClamp)
  | ({ readonly kind: "unitSign" } & UnitClamp)
  | { readonly kind: "sign" | "step" | "ternary"; readonly straightThrough: StraightThrough };

/** Half of the distance between the values of a ternary activation. */
export const TERNARY_THRESHOLD = 0.5;

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
    case "sign":
      return tf.sign(x);
    case "step":
      return tf.cast(tf.greater(x, 0), "float32");
    case "ternary":
      return tf.where(tf.greater(tf.abs(x), TERNARY_THRESHOLD), tf.sign(x), tf.zerosLike(x));
  }
};

const straightThroughSlope = (x: Tensor, straightThrough: StraightThrough): Tensor => {
  switch (straightThrough) {
    case "identity":
      return tf.onesLike(x);
    case "saturate":
      return tf.cast(tf.less(tf.abs(x), 1), "float32");
    case "soft":
      return tf.relu(tf.sub(1, tf.abs(x)));
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
    case "sign":
    case "step":
    case "ternary":
      return straightThroughSlope(x, activation.straightThrough);
  }
};

/** f(x) for an {@link Activation}, any shape. */
export const activate = defineOp(
  "activate",
  (x: Tensor, activation: Activation): Tensor => tf.tidy(() => value(x, activation)),
);

/** Gradient of {@link activate}: f'(x) dy, where x is the input. */
export const activateGradient = defineOp(
  "activateGradient",
  (dy: Tensor, x: Tensor, activation: Activation): Tensor =>
    tf.tidy(() => tf.mul(slope(x, activation), dy)),
);
