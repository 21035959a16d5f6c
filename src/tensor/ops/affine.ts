import { type Tensor, tf } from "../tf.js";

/** Scale and zero point of an affine grid x = scale (code - zero), as numbers of the engine. */
export interface AffineNumbers {
  readonly scale: Tensor;
  readonly zero: Tensor;
}

/** A smaller scale has no reciprocal in float32: such a range has no extent (LEAST_AFFINE_SCALE of graph/quantizers.ts). */
const LEAST_SCALE = 2 ** -100;

/**
 * Scale and zero point, in float32, that cover [low, high] and 0 with codes from 0 to `levels` = 2^bits - 1 (Jacob et al.
 * 2018, section 3):
 * - asymmetric: scale = (high - low) / levels, zero = round(-low / scale)
 * - symmetric: zero is 0 if nothing is negative, with scale = high / levels; otherwise it is the middle code, with
 *   scale = max(-low, high) / (middle - 1)
 * A range without extent has scale 1. `low` and `high` have any equal shapes. quant/numbers/affine-grid.ts computes the same
 * on plain numbers.
 */
export const affineNumbers = (
  low: Tensor,
  high: Tensor,
  { levels, isSymmetric }: { readonly levels: number; readonly isSymmetric: boolean },
): AffineNumbers => {
  const numbers = tf.tidy(() => {
    const [least, most] = [tf.minimum(low, 0), tf.maximum(high, 0)];
    const middle = (levels + 1) / 2;
    const isSigned = tf.less(least, 0);
    const span = isSymmetric
      ? tf.where(
          isSigned,
          tf.div(tf.maximum(tf.neg(least), most), middle - 1),
          tf.div(most, levels),
        )
      : tf.div(tf.sub(most, least), levels);
    const scale = tf.where(tf.greaterEqual(span, LEAST_SCALE), span, tf.onesLike(span));
    const zero = isSymmetric
      ? tf.where(isSigned, tf.fill(scale.shape, middle), tf.zerosLike(scale))
      : tf.round(tf.div(tf.neg(least), scale));
    return [scale, zero];
  }) as [Tensor, Tensor];
  return { scale: numbers[0], zero: numbers[1] };
};

/**
 * scale (clamp(round(x / scale) + zero, 0, levels) - zero), halves to even: the values of PyTorch's fake quantization, which
 * multiplies by the reciprocal of the scale.
 */
export const fakeQuantize = (x: Tensor, { scale, zero }: AffineNumbers, levels: number): Tensor =>
  tf.tidy(() => {
    const codes = tf.round(tf.mul(x, tf.div(1, scale)));
    return tf.mul(tf.maximum(tf.minimum(codes, tf.sub(levels, zero)), tf.neg(zero)), scale);
  });

/** 1 where a value is not clipped by {@link fakeQuantize}, otherwise 0: the gradient straight through the rounding. */
export const isInsideRange = (x: Tensor, { scale, zero }: AffineNumbers, levels: number): Tensor =>
  tf.tidy(() => {
    const codes = tf.add(tf.round(tf.mul(x, tf.div(1, scale))), zero);
    return tf.cast(
      tf.logicalAnd(tf.greaterEqual(codes, 0), tf.lessEqual(codes, levels)),
      "float32",
    );
  });

/**
 * The sums of gradients of both ends of a trained range [low, high] of {@link fakeQuantize}, [2]: with the rounding error
 * r = round(x / scale) - x / scale, an output inside has the derivatives -r / levels and r / levels, one clipped from below
 * 1 and 0, one clipped from above 0 and 1 (as LSQ, Esser et al. 2020, eq. 3, for both ends).
 */
export const rangeGradient = (
  dy: Tensor,
  x: Tensor,
  { scale, zero }: AffineNumbers,
  levels: number,
): Tensor =>
  tf.tidy(() => {
    const steps = tf.div(x, scale);
    const rounded = tf.round(steps);
    const codes = tf.add(rounded, zero);
    const [below, above] = [
      tf.cast(tf.less(codes, 0), "float32"),
      tf.cast(tf.greater(codes, levels), "float32"),
    ];
    const inside = tf.sub(tf.sub(1, below), above);
    const error = tf.mul(inside, tf.div(tf.sub(rounded, steps), levels));
    const low = tf.sum(tf.mul(dy, tf.sub(below, error)));
    const high = tf.sum(tf.mul(dy, tf.add(above, error)));
    return tf.stack([low, high]);
  });
