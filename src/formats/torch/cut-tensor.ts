import { DTYPE_BYTES, type StoredDtype, type StoredTensor } from "../safetensors/stored-tensor.js";
import type { TensorView } from "./torch-value.js";

/** Whether the elements of a view are consecutive in row-major order. */
const isContiguous = ({ shape, strides }: TensorView): boolean => {
  let expected = 1;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    const side = shape[dim] as number;
    if (side !== 1 && strides[dim] !== expected) return false;
    expected *= side;
  }
  return true;
};

/** Copies the elements of a view one by one, in row-major order, into `target`. */
const copyElements = (
  { shape, strides, offset }: TensorView,
  source: Uint8Array,
  target: Uint8Array,
  elementBytes: number,
): void => {
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < target.length; to += elementBytes) {
    const begin = from * elementBytes;
    for (let byte = 0; byte < elementBytes; byte++) {
      target[to + byte] = source[begin + byte] as number;
    }
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      from += strides[dim] as number;
      index[dim] = (index[dim] as number) + 1;
      if ((index[dim] as number) < (shape[dim] as number)) break;
      from -= (shape[dim] as number) * (strides[dim] as number);
      index[dim] = 0;
    }
  }
};

/**
 * Extracts a tensor from its storage: without copying if its elements are consecutive in row-major order, else as
 * a copy. Example: shape [2, 3] with strides [1, 2] of a b c d e f gives a c e b d f.
 */
export const cutTensor = (view: TensorView, storageBytes: Uint8Array): StoredTensor => {
  const { dtype, storage, shape, offset } = view;
  const elementBytes = DTYPE_BYTES[dtype];
  const source = storageBytes.subarray(storage.start * elementBytes);
  const bytes = shape.reduce((product, side) => product * side, elementBytes);
  const begin = offset * elementBytes;
  if (bytes === 0 || isContiguous(view)) {
    return { dtype, shape, data: source.subarray(begin, begin + bytes) };
  }
  const data = new Uint8Array(bytes);
  copyElements(view, source, data, elementBytes);
  return { dtype, shape, data };
};

/** Bytes that the byte order applies to, where they differ from the element's: a complex number is two floats. */
const NUMBER_BYTES: Partial<Record<StoredDtype, number>> = { C64: 4 };

/** A copy of a tensor with the bytes of each number reversed. */
export const withSwappedBytes = ({ dtype, shape, data }: StoredTensor): StoredTensor => {
  const size = NUMBER_BYTES[dtype] ?? DTYPE_BYTES[dtype];
  const swapped = new Uint8Array(data);
  for (let offset = 0; offset < swapped.length; offset += size)
    swapped.subarray(offset, offset + size).reverse();
  return { dtype, shape, data: swapped };
};
