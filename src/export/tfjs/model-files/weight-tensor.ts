import { FLOAT_BYTES } from "../../../base/float-bytes.js";

/**
 * A tensor of a graph as it is stored:
 * - `float32`, `int32`: the values themselves
 * - `uint8`: codes; TensorFlow.js computes code scale + min in float32 when it loads them
 */
export type WeightTensor = {
  readonly name: string;
  readonly shape: readonly number[];
} & (
  | { readonly kind: "float32"; readonly values: Float32Array }
  | { readonly kind: "int32"; readonly values: Int32Array }
  | {
      readonly kind: "uint8";
      readonly values: Uint8Array;
      readonly scale: number;
      readonly min: number;
    }
);

/** The values that a graph computes with; codes are dequantized as by TensorFlow.js. */
export const tensorValues = (tensor: WeightTensor): Float32Array | Int32Array => {
  if (tensor.kind !== "uint8") return tensor.values;
  const { scale, min } = tensor;
  // JavaScript computes in float64; only the result is rounded to float32.
  return Float32Array.from(tensor.values, (code) => code * scale + min);
};

/** Values in the byte order of the format, little-endian. */
const littleEndian = (values: Float32Array | Int32Array, isFloat: boolean): Uint8Array => {
  const bytes = new Uint8Array(FLOAT_BYTES * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    if (isFloat) view.setFloat32(FLOAT_BYTES * index, value, true);
    else view.setInt32(FLOAT_BYTES * index, value, true);
  });
  return bytes;
};

/** The bytes of a tensor in a weight file. */
export const tensorBytes = (tensor: WeightTensor): Uint8Array =>
  tensor.kind === "uint8" ? tensor.values : littleEndian(tensor.values, tensor.kind === "float32");

/** Bytes of one stored value. */
export const BYTES_OF = { float32: FLOAT_BYTES, int32: FLOAT_BYTES, uint8: 1 } as const;

/** Concatenates byte arrays. */
export const joinBytes = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
};
