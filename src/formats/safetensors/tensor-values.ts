import { QpruneError } from "../../base/errors.js";
import type { StoredDtype, StoredTensor } from "./stored-tensor.js";

// Typed arrays are little-endian like the files on every platform that the native engine exists for.

const requireDtype = (tensor: StoredTensor, dtype: StoredDtype, name: string): void => {
  if (tensor.dtype === dtype) return;
  throw new QpruneError(`Tensor ${name} holds ${tensor.dtype} values; ${dtype} was expected.`, {
    hint: "Check that the file was saved by qprune or with PyTorch's default types.",
  });
};

/** Memory of a tensor that begins at a multiple of `alignment`: its own where possible, else a copy. */
const aligned = ({ data }: StoredTensor, alignment: number) => {
  const { buffer, byteOffset, byteLength } =
    data.byteOffset % alignment === 0 ? data : data.slice();
  return { buffer, byteOffset, length: byteLength / alignment };
};

/** The values of an F32 tensor; they may share its memory. @throws QpruneError for another dtype. */
export const float32Values = (tensor: StoredTensor, name: string): Float32Array => {
  requireDtype(tensor, "F32", name);
  const { buffer, byteOffset, length } = aligned(tensor, 4);
  return new Float32Array(buffer, byteOffset, length);
};

/** The values of an I32 tensor; they may share its memory. @throws QpruneError for another dtype. */
export const int32Values = (tensor: StoredTensor, name: string): Int32Array => {
  requireDtype(tensor, "I32", name);
  const { buffer, byteOffset, length } = aligned(tensor, 4);
  return new Int32Array(buffer, byteOffset, length);
};

/** The values of an I64 tensor as numbers. @throws QpruneError for another dtype or an unsafe integer. */
export const int64Values = (tensor: StoredTensor, name: string): number[] => {
  requireDtype(tensor, "I64", name);
  const { buffer, byteOffset, length } = aligned(tensor, 8);
  return Array.from(new BigInt64Array(buffer, byteOffset, length), (value) => {
    const safe = Number(value);
    if (Number.isSafeInteger(safe)) return safe;
    throw new QpruneError(`Tensor ${name} holds ${value}, which is too large for a number.`);
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
