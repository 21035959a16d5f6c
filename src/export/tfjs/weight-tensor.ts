/**
 * A tensor of a graph as it is stored:
 * - `float32`, `int32`: the values themselves
 * - `uint8`: codes; the tensor is float32 code scale + min, which TensorFlow.js computes on loading
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

/** The numbers that a graph computes with: codes are dequantized as TensorFlow.js does it. */
export const tensorValues = (tensor: WeightTensor): Float32Array | Int32Array => {
  if (tensor.kind !== "uint8") return tensor.values;
  const { scale, min } = tensor;
  // JavaScript multiplies and adds in float64; storing rounds to float32.
  return Float32Array.from(tensor.values, (code) => code * scale + min);
};

/** Numbers in the byte order of the format, which is little-endian. */
const littleEndian = (values: Float32Array | Int32Array, isFloat: boolean): Uint8Array => {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => {
    if (isFloat) view.setFloat32(4 * at, value, true);
    else view.setInt32(4 * at, value, true);
  });
  return bytes;
};

/** The bytes of a tensor in a weight file. */
export const tensorBytes = (tensor: WeightTensor): Uint8Array =>
  tensor.kind === "uint8" ? tensor.values : littleEndian(tensor.values, tensor.kind === "float32");

/** Bytes of one stored number. */
export const BYTES_OF = { float32: 4, int32: 4, uint8: 1 } as const;

/** Byte arrays one after the other. */
export const joinBytes = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};
