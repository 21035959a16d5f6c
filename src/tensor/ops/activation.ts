import { defineOp } from "../op.js";
import { asStored, type Codes, FLOAT32, type Storage } from "../storage.js";
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
  /**
   * The upper end of a ReLU6 that is part of the activation, too: inputs above it count as this value, and from there on
   * the gradient is 0.
   */
  readonly limit?: number;
}

/** How the gradient passes a sign: unchanged, only where |x| < 1, or times max(0, 1 - |x|). */
export type StraightThrough = "identity" | "saturate" | "soft";

/** A quantizer with a scale and a zero point; codes are from 0 to `levels`. */
export interface AffineFunction {
  readonly kind: "affine";
  readonly scale: number;
  readonly zero: number;
  readonly levels: number;
}

/**
 * An elementwise activation:
 * - `identity`
 * - `relu`: max(x, 0); gradient where x > 0
 * - `relu6`: min(max(x, 0), 6); gradient where 0 < x < 6
 * - `sigmoid`: s = 1 / (1 + exp(-x)); gradient s (1 - s)
 * - `silu`: x s with this s; gradient s (1 + x (1 - s)) (Elfwing et al. 2018, eq. 3)
 * - `hardSigmoid`: relu6(x + 3) / 6; gradient 1/6 where -3 < x < 3
 * - `hardSwish`: x relu6(x + 3) / 6; gradient 0 where x <= -3, x / 3 + 1/2 where -3 < x < 3, 1 from there on (MobileNetV3,
 *   Howard et al. 2019, section 5.2)
 * - `leakyRelu`: x where x > 0, otherwise slope x; gradient 1 and slope
 * - `unit`: round(clamp(scale x, 0, 1) levels) / levels, halves to even, in this order in float32; gradient `scale` inside the
 *   clamp, straight through the rounding (DoReFa-Net, Zhou et al. 2016, eq. 5 and section 2.4)
 * - `unitSign`: sign(clamp(scale x, 0, 1)), the 1-bit case; same gradient
 * - `signedUnit`: round(clamp(scale x, -1, 1) levels) / levels; gradient `scale` where |scale x| <= 1
 * - `affine`: scale (clamp(round(x / scale) + zero, 0, levels) - zero), halves to even; gradient 1 where it does not clip
 *   (Jacob et al. 2018, section 3)
 * - `sign`: sign(x) with sign(0) = 0 (BNN, Courbariaux et al. 2016, eq. 1); gradient by `straightThrough`
 * - `step`: 1 where x > 0, otherwise 0; gradient by `straightThrough`
 * - `ternary`: 0 where |x| <= 0.5, otherwise sign(x); gradient by `straightThrough`
 *
 * The functions without a quantizer have PyTorch's values and gradients, also at their kinks.
 */
export type Activation =
  | { readonly kind: "identity" }
  | { readonly kind: "relu" | "relu6" | "sigmoid" | "silu" | "hardSigmoid" | "hardSwish" }
  | { readonly kind: "leakyRelu"; readonly slope: number }
  | ({ readonly kind: "unit"; readonly levels: number } & UnitClamp)
  | ({ readonly kind: "unitSign" } & UnitClamp)
  | { readonly kind: "signedUnit"; readonly levels: number; readonly scale: number }
  | AffineFunction
  | { readonly kind: "sign" | "step" | "ternary"; readonly straightThrough: StraightThrough };

/** Half of the distance between the values of a ternary activation. */
export const TERNARY_THRESHOLD = 0.5;

/** relu6(x + 3) */
const shiftedRelu6 = (x: Tensor): Tensor => tf.relu6(tf.add(x, 3));

/** clamp(scale x, 0, 1), after the limit. */
const unitClamp = (x: Tensor, { scale, limit }: UnitClamp): Tensor =>
  tf.clipByValue(tf.mul(limit === undefined ? x : tf.minimum(x, limit), scale), 0, 1);

const rounded = (clamped: Tensor, levels: number): Tensor =>
  tf.div(tf.round(tf.mul(clamped, levels)), levels);

const value = (x: Tensor, activation: Activation): Tensor => {
  switch (activation.kind) {
    case "identity":
      return tf.clone(x);
    case "relu":
      return tf.relu(x);
    case "relu6":
      return tf.relu6(x);
    case "sigmoid":
      return tf.sigmoid(x);
    case "silu":
      return tf.mul(x, tf.sigmoid(x));
    case "hardSigmoid":
      return tf.div(shiftedRelu6(x), 6);
    case "hardSwish":
      return tf.div(tf.mul(x, shiftedRelu6(x)), 6);
    case "leakyRelu":
      return tf.where(tf.greater(x, 0), x, tf.mul(x, activation.slope));
    case "unit":
      return rounded(unitClamp(x, activation), activation.levels);
    case "signedUnit":
      return rounded(tf.clipByValue(tf.mul(x, activation.scale), -1, 1), activation.levels);
    case "affine": {
      const { scale, zero, levels } = activation;
      const codes = tf.round(tf.mul(x, Math.fround(1 / scale)));
      return tf.mul(tf.clipByValue(codes, -zero, levels - zero), scale);
    }
    case "unitSign":
      return tf.sign(unitClamp(x, activation));
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

/** 1 where low < x < high, otherwise 0. */
const isBetween = (x: Tensor, low: number, high: number): Tensor =>
  tf.cast(tf.logicalAnd(tf.greater(x, low), tf.less(x, high)), "float32");

const siluSlope = (x: Tensor): Tensor => {
  const s = tf.sigmoid(x);
  return tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1));
};

const hardSwishSlope = (x: Tensor): Tensor => {
  const belowThree = tf.where(tf.greater(x, -3), tf.add(tf.div(x, 3), 0.5), 0);
  return tf.where(tf.greaterEqual(x, 3), 1, belowThree);
};

const slope = (x: Tensor, activation: Activation): Tensor => {
  switch (activation.kind) {
    case "identity":
      return tf.onesLike(x);
    case "relu":
      return tf.cast(tf.greater(x, 0), "float32");
    case "relu6":
      return isBetween(x, 0, 6);
    case "sigmoid": {
      const s = tf.sigmoid(x);
      return tf.mul(s, tf.sub(1, s));
    }
    case "silu":
      return siluSlope(x);
    case "hardSigmoid":
      return tf.mul(isBetween(x, -3, 3), 1 / 6);
    case "hardSwish":
      return hardSwishSlope(x);
    case "leakyRelu":
      return tf.where(tf.greater(x, 0), 1, activation.slope);
    case "signedUnit": {
      const isInside = tf.lessEqual(tf.abs(tf.mul(x, activation.scale)), 1);
      return tf.mul(tf.cast(isInside, "float32"), activation.scale);
    }
    case "affine": {
      const { scale, zero, levels } = activation;
      const codes = tf.round(tf.mul(x, Math.fround(1 / scale)));
      const isInside = tf.logicalAnd(
        tf.greaterEqual(codes, -zero),
        tf.lessEqual(codes, levels - zero),
      );
      return tf.cast(isInside, "float32");
    }
    case "unit":
    case "unitSign": {
      const above = activation.afterRelu ? tf.greater(x, 0) : tf.greaterEqual(x, 0);
      const below = tf.lessEqual(tf.mul(x, activation.scale), 1);
      const isInside = tf.logicalAnd(above, below);
      const { limit = Number.POSITIVE_INFINITY } = activation;
      const passes = tf.logicalAnd(isInside, tf.less(x, limit));
      return tf.mul(tf.cast(passes, "float32"), activation.scale);
    }
    case "sign":
    case "step":
    case "ternary":
      return straightThroughSlope(x, activation.straightThrough);
  }
};

const LARGEST_CODE = 255;
const LARGEST_SIGNED_CODE = 127;

/** The codes of an activation's values; null if it does not quantize, or has more values than a byte. */
export const codesOf = (activation: Activation): Codes | null => {
  switch (activation.kind) {
    case "unit": {
      const { levels } = activation;
      return levels <= LARGEST_CODE ? { kind: "codes", levels, isSigned: false } : null;
    }
    case "signedUnit": {
      const { levels } = activation;
      return levels <= LARGEST_SIGNED_CODE ? { kind: "codes", levels, isSigned: true } : null;
    }
    case "unitSign":
    case "step":
      return { kind: "codes", levels: 1, isSigned: false };
    case "sign":
    case "ternary":
      return { kind: "codes", levels: 1, isSigned: true };
    default:
      return null;
  }
};

/** f(x) for an {@link Activation}, any shape. x may be stored in bfloat16, and y in that or as the codes of the activation. */
export const activate = defineOp(
  "activate",
  (x: Tensor, activation: Activation, y: Storage = FLOAT32): Tensor =>
    tf.tidy(() => asStored(value(x, activation), y)),
);

/** Gradient of {@link activate}: f'(x) dy, where x is the input. All three may be stored in bfloat16. */
export const activateGradient = defineOp(
  "activateGradient",
  (dy: Tensor, x: Tensor, activation: Activation, dx: Storage = FLOAT32): Tensor =>
    tf.tidy(() => asStored(tf.mul(slope(x, activation), dy), dx)),
);
