import { QpruneError } from "../../base/errors.js";
import type { StoredDtype, StoredTensor } from "./stored-tensor.js";

const EXPONENT_BITS = 5;
const FRACTION_BITS = 10;
const BIAS = 15;
const MAX_EXPONENT = 2 ** EXPONENT_BITS - 1;
/** The unit of float16 numbers below 2^-14. */
const SUBNORMAL_UNIT = 2 ** (1 - BIAS - FRACTION_BITS);

const float16Number = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> FRACTION_BITS) & MAX_EXPONENT;
  const fraction = bits & (2 ** FRACTION_BITS - 1);
  if (exponent === 0) return sign * fraction * SUBNORMAL_UNIT;
  if (exponent === MAX_EXPONENT) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 2 ** FRACTION_BITS) * 2 ** (exponent - BIAS);
};

/** IEEE half-precision numbers, given as bits, as float32; the conversion is exact. */
const fromFloat16 = (bits: Uint16Array): Float32Array => Float32Array.from(bits, float16Number);

/** bfloat16 numbers, given as bits, as float32: they are the upper half of its bits. */
const fromBfloat16 = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (upper) => upper << 16).buffer);

/**
 * The elements of a tensor as numbers, in row-major order; integers beyond 2^53 are rounded. Undefined for
 * dtypes other than plain numbers (BOOL, complex, 8-bit floats).
 */
export const numbersOf = ({ dtype, data }: StoredTensor): ArrayLike<number> | undefined => {
  // A copy is aligned for every element type.
  const { buffer } = new Uint8Array(data);
  switch (dtype) {
    case "F16":
      return fromFloat16(new Uint16Array(buffer));
    case "BF16":
      return fromBfloat16(new Uint16Array(buffer));
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return new Float64Array(buffer);
    case "U8":
      return new Uint8Array(buffer);
    case "I8":
      return new Int8Array(buffer);
    case "U16":
      return new Uint16Array(buffer);
    case "I16":
      return new Int16Array(buffer);
    case "U32":
      return new Uint32Array(buffer);
    case "I32":
      return new Int32Array(buffer);
    case "U64":
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case "I64":
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case "BOOL":
    case "C64":
    case "F8_E4M3":
    case "F8_E5M2":
      return undefined;
  }
};

// On every supported platform typed arrays are little-endian, like the files.

const requireDtype = (tensor: StoredTensor, dtype: StoredDtype, name: string): void => {
  if (tensor.dtype === dtype) return;
  throw new QpruneError(`Tensor ${name} has dtype ${tensor.dtype}; ${dtype} was expected.`, {
    hint: "Check that the file was saved by qprune or with PyTorch's default types.",
  });
};

/** A tensor's memory aligned to `alignment` bytes: its own if possible, else a copy. */
const aligned = ({ data }: StoredTensor, alignment: number) => {
  const { buffer, byteOffset, byteLength } =
    data.byteOffset % alignment === 0 ? data : data.slice();
  return { buffer, byteOffset, length: byteLength / alignment };
};

/** Values of an F32 tensor; they may share its memory. @throws QpruneError for another dtype. */
export const float32Values = (tensor: StoredTensor, name: string): Float32Array => {
  requireDtype(tensor, "F32", name);
  const { buffer, byteOffset, length } = aligned(tensor, 4);
  return new Float32Array(buffer, byteOffset, length);
};

/** Values of an I32 tensor; they may share its memory. @throws QpruneError for another dtype. */
export const int32Values = (tensor: StoredTensor, name: string): Int32Array => {
  requireDtype(tensor, "I32", name);
  const { buffer, byteOffset, length } = aligned(tensor, 4);
  return new Int32Array(buffer, byteOffset, length);
};

/** Values of an I64 tensor as numbers. @throws QpruneError for another dtype or an unsafe integer. */
export const int64Values = (tensor: StoredTensor, name: string): number[] => {
  requireDtype(tensor, "I64", name);
  const { buffer, byteOffset, length } = aligned(tensor, 8);
  return Array.from(new BigInt64Array(buffer, byteOffset, length), (value) => {
    const safe = Number(value);
    if (Number.isSafeInteger(safe)) return safe;
    throw new QpruneError(
      `Tensor ${name} contains ${value}, which exceeds the largest safe integer, 2^53 - 1.`,
    );
  });
};

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** An F32 tensor that shares the memory of `values` (row-major order). */
export const float32Tensor = (shape: readonly number[], values: Float32Array): StoredTensor => ({
  dtype: "F32",
  shape,
  data: bytesOf(values),
});

/** A vector of float32 that shares the memory of `values`. */
export const float32Vector = (values: Float32Array): StoredTensor =>
  float32Tensor([values.length], values);

/** An I32 tensor that shares the memory of `values` (row-major order). */
export const int32Tensor = (shape: readonly number[], values: Int32Array): StoredTensor => ({
  dtype: "I32",
  shape,
  data: bytesOf(values),
});

/** An I64 tensor of integers (row-major order). */
export const int64Tensor = (shape: readonly number[], values: readonly number[]): StoredTensor => ({
  dtype: "I64",
  shape,
  data: bytesOf(BigInt64Array.from(values, BigInt)),
});
