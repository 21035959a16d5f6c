/**
 * How a sum is brought to the scale of its output:
 * - `double`: a doubling high multiplication, then a division by a power of two, each rounding to nearest (gemmlowp, and
 *   TensorFlow Lite by default)
 * - `single`: one 64-bit product, rounded once (TensorFlow Lite with TFLITE_SINGLE_ROUNDING)
 */
export const roundings = ["double", "single"] as const;
export type Rounding = (typeof roundings)[number];

/** A positive real number as multiplier * 2^(shift - 31), with 2^30 <= multiplier < 2^31, or 0. */
export interface FixedPoint {
  readonly multiplier: number;
  readonly shift: number;
}

const TWO_31 = 2 ** 31;
const INT32_MAX = TWO_31 - 1;
const INT32_MIN = -TWO_31;

/** The exponent e with 1/2 <= value / 2^e < 1, for a positive number. */
const exponentOf = (value: number): number => {
  let exponent = Math.floor(Math.log2(value)) + 1;
  // The logarithm rounds: next to a power of two it may be off by one.
  while (value / 2 ** exponent >= 1) exponent++;
  while (value / 2 ** exponent < 0.5) exponent--;
  return exponent;
};

/** Rounds halves away from 0, as C's round. */
export const roundAway = (value: number): number =>
  value < 0 ? -Math.floor(-value + 0.5) : Math.floor(value + 0.5);

/**
 * A real multiplier as a fixed-point one (TensorFlow Lite's QuantizeMultiplier). Numbers below 2^-32 become 0.
 * Example: 0.5 is 2^30 with shift 0; 1 is 2^30 with shift 1.
 */
export const fixedPoint = (real: number): FixedPoint => {
  if (real === 0) return { multiplier: 0, shift: 0 };
  let shift = exponentOf(real);
  let multiplier = roundAway((real / 2 ** shift) * TWO_31);
  if (multiplier === TWO_31) {
    multiplier /= 2;
    shift++;
  }
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
};

/** a * b as high * 2^31 + low with whole numbers, low from 0 to below 2^31; exact for 32-bit numbers, b >= 0. */
const wideProduct = (a: number, b: number): { readonly high: number; readonly low: number } => {
  const [upper, lower] = [Math.floor(b / 65536), b % 65536];
  const top = a * upper;
  const whole = Math.floor(top / 32768);
  const rest = (top - whole * 32768) * 65536 + a * lower;
  const carry = Math.floor(rest / TWO_31);
  return { high: whole + carry, low: rest - carry * TWO_31 };
};

/**
 * gemmlowp's SaturatingRoundingDoublingHighMul for b >= 0: a b / 2^31, rounded to nearest, halves up. For negative products it
 * is (a b + 1 - 2^30) / 2^31, truncated, which is the same.
 */
export const doublingHighMultiply = (a: number, b: number): number => {
  const { high, low } = wideProduct(a, b);
  return high + (low >= 2 ** 30 ? 1 : 0);
};

/** gemmlowp's RoundingDivideByPOT: x / 2^exponent, rounded to nearest, halves away from 0. */
export const roundingDivide = (x: number, exponent: number): number =>
  exponent === 0 ? x : roundAway(x / 2 ** exponent);

const saturated = (value: number): number => Math.max(INT32_MIN, Math.min(INT32_MAX, value));

/** x times a fixed-point multiplier, for a 32-bit x (TensorFlow Lite's MultiplyByQuantizedMultiplier). */
export const multiplyFixed = (
  x: number,
  { multiplier, shift }: FixedPoint,
  rounding: Rounding,
): number => {
  if (rounding === "double") {
    const left = Math.max(shift, 0);
    const product = doublingHighMultiply(saturated(x * 2 ** left), multiplier);
    return roundingDivide(product, Math.max(-shift, 0));
  }
  const total = 31 - shift;
  if (total < 31) {
    const half = 1n << BigInt(total - 1);
    return Number((BigInt(x) * BigInt(multiplier) + half) >> BigInt(total));
  }
  const { high, low } = wideProduct(x, multiplier);
  const carried = high + Math.floor((low + 2 ** (total - 1)) / TWO_31);
  return Math.floor(carried / 2 ** (total - 31));
};

/** Products whose fraction is this close to a half are computed in integers. */
const NEAR = 2 ** -20;

/**
 * Multiplies 32-bit numbers in place, as multiplyFixed does. With one rounding, the product in float64 is within 2^-20 of the exact
 * one (32-bit results leave 21 bits for a fraction), so the integer is clear where the fraction is no closer than that to a half.
 */
export const multiplyAllFixed = (numbers: Int32Array, by: FixedPoint, rounding: Rounding): void => {
  const real = by.multiplier * 2 ** (by.shift - 31);
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    const raised = number * real + 0.5;
    const below = Math.floor(raised);
    const rest = raised - below;
    const isClear = rest > NEAR && rest < 1 - NEAR && Math.abs(raised) < TWO_31;
    // Codes are clamped afterwards, which a number beyond 32 bits must not leave before.
    numbers[at] =
      isClear && rounding === "single" ? below : saturated(multiplyFixed(number, by, rounding));
  }
};

/**
 * A multiplier divided by a number of summands, with which a sum becomes a mean in one step (TensorFlow Lite's
 * QuantizedMeanOrSum).
 */
export const dividedBy = ({ multiplier, shift }: FixedPoint, count: number): FixedPoint => {
  const bits = Math.min(Math.floor(Math.log2(count)), 32, 31 + shift);
  return {
    multiplier: Number((BigInt(multiplier) << BigInt(bits)) / BigInt(count)),
    shift: shift - bits,
  };
};
