const EXPONENT_BITS = 5;
const FRACTION_BITS = 10;
const BIAS = 15;
const MAX_EXPONENT = 2 ** EXPONENT_BITS - 1;
/** The unit of float16's numbers below 2^-14. */
const SUBNORMAL_UNIT = 2 ** (1 - BIAS - FRACTION_BITS);

const float16Number = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> FRACTION_BITS) & MAX_EXPONENT;
  const fraction = bits & (2 ** FRACTION_BITS - 1);
  if (exponent === 0) return sign * fraction * SUBNORMAL_UNIT;
  if (exponent === MAX_EXPONENT) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 2 ** FRACTION_BITS) * 2 ** (exponent - BIAS);
};

/** IEEE half-precision numbers, given as their bits, as float32; every one of them is exact. */
export const fromFloat16 = (bits: Uint16Array): Float32Array =>
  Float32Array.from(bits, float16Number);

/** bfloat16 numbers, given as their bits, as float32: the upper half of whose bits they are. */
export const fromBfloat16 = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (upper) => upper << 16).buffer);
