import type { KernelGrid, QuantizedTensor } from "../../graph/model.js";
import { sizeOf } from "../../graph/shape.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import { ownedTensor } from "../../quant/numbers/quantized-tensor.js";
import { fieldAt } from "./bit-fields.js";

/**
 * Grids map a field u of a packed kernel to a number g; the weight is g times the scale of its filter, all in
 * float32.
 * - `binary` (1 bit): g = 2 u - 1, so -1 or 1
 * - `ternary` (2 bits): g = u - 1, so -1, 0 or 1; the field 3 does not occur
 * - `dorefa` (2 to 8 bits): g = (2 u - n) / n with n = 2^bits - 1
 * - `int8` (8 bits): g = u - 128, so -127 to 127; the field 0 does not occur
 * - `affine` (2 to 8 bits): g = u - zero with a zero point per filter; without zero points, 2^(bits - 1)
 */
export const packedGrids = ["binary", "ternary", "dorefa", "int8", "affine"] as const;
export type PackedGrid = (typeof packedGrids)[number];

/** Offset of int8 codes, which makes fields non-negative. */
export const INT8_SHIFT = 128;
/** The largest int8 code; the smallest is its negative, which keeps the range symmetric. */
export const INT8_MAX = 127;

/** Supported bits of each grid's fields. */
export const gridBits: Readonly<Record<PackedGrid, readonly number[]>> = {
  binary: [1],
  ternary: [2],
  dorefa: [2, 3, 4, 5, 6, 7, 8],
  int8: [8],
  affine: [2, 3, 4, 5, 6, 7, 8],
};

/** Whether the grid uses all fields of its bits. */
export const usesAllFields = (grid: PackedGrid): boolean => grid !== "ternary" && grid !== "int8";

/** Whether the grid uses a field. */
export const isField = (grid: PackedGrid, field: number): boolean =>
  grid === "ternary" ? field < 3 : grid !== "int8" || field > 0;

/** The zero point of an affine grid whose codes are symmetric. */
export const middleOf = (bits: number): number => 2 ** (bits - 1);

/** The number of every field of a grid, indexed by field. */
const gridNumbers = (grid: PackedGrid, bits: number): Float32Array => {
  const levels = levelsOf(bits);
  const numberOf = (field: number): number => {
    switch (grid) {
      case "binary":
        return 2 * field - 1;
      case "ternary":
        return field - 1;
      case "dorefa":
        return (2 * field - levels) / levels;
      case "int8":
        return field - INT8_SHIFT;
      case "affine":
        return field;
    }
  };
  return Float32Array.from({ length: levels + 1 }, (_, field) => numberOf(field));
};

/** A kernel as it is stored in a packed file. */
export interface PackedKernel {
  readonly grid: PackedGrid;
  readonly bits: number;
  /** Fields of `bits` bits in the order of the weights (see packFields). */
  readonly codes: Uint8Array;
  /** One per filter; null if all are 1. */
  readonly scale: Float32Array | null;
  /** Zero points of an affine grid, one per filter; absent if all are the middle code. */
  readonly zero?: Uint8Array | undefined;
}

/** What is subtracted from the fields of a filter before they are scaled. */
const shiftOf = ({ grid, bits, zero }: PackedKernel, filter: number): number =>
  grid === "affine" ? (zero?.[filter] ?? middleOf(bits)) : 0;

/** Unpacks the `count` weights of a kernel: the number of each field times its filter's scale, in float32. */
export const unpackKernel = (
  kernel: PackedKernel,
  count: number,
  filters: number,
): Float32Array => {
  const { grid, bits, codes, scale } = kernel;
  const numbers = gridNumbers(grid, bits);
  const size = count / filters;
  const weights = new Float32Array(count);
  for (let filter = 0; filter < filters; filter++) {
    const factor = scale ? (scale[filter] as number) : 1;
    const shift = shiftOf(kernel, filter);
    for (let index = filter * size; index < (filter + 1) * size; index++) {
      // The product is exact in float64, so it is rounded only once, when it is stored.
      weights[index] = ((numbers[fieldAt(codes, bits, index)] as number) - shift) * factor;
    }
  }
  return weights;
};

/** By grid, the code of the field 0 and the step from one code to the next. */
const CODES = { binary: [-1, 2], ternary: [-1, 1], dorefa: [0, 1], affine: [0, 1] } as const;

/** Bytes from 0 on as codes from -128 on, four at a time. */
const signedCodes = (fields: Uint8Array): Int16Array => {
  const words = new Uint32Array(Math.ceil(fields.length / 4));
  const bytes = new Uint8Array(words.buffer, 0, fields.length);
  bytes.set(fields);
  for (let at = 0; at < words.length; at++) words[at] = (words[at] as number) ^ 0x80808080;
  return new Int16Array(new Int8Array(words.buffer, 0, fields.length));
};

/** Fields that share bytes and mean the same in all filters, as codes `first + step field`. */
const sharedCodes = (
  { bits, codes: fields }: PackedKernel,
  [first, step]: readonly [first: number, step: number],
  count: number,
): Int16Array => {
  const codes = new Int16Array(count);
  const [perByte, mask] = [8 / bits, 2 ** bits - 1];
  for (let at = 0, next = 0; next < count; at++) {
    let byte = fields[at] as number;
    for (const end = Math.min(next + perByte, count); next < end; next++, byte >>= bits)
      codes[next] = first + step * (byte & mask);
  }
  return codes;
};

/** The codes of a packed kernel by the step of its grid. */
const shiftedCodes = (
  kernel: PackedKernel,
  grid: keyof typeof CODES,
  shape: readonly number[],
): Int16Array => {
  const { bits, codes: fields } = kernel;
  const [first, step] = CODES[grid];
  const count = sizeOf(shape);
  if (8 % bits === 0 && !kernel.zero)
    return sharedCodes(kernel, [first - shiftOf(kernel, 0), step], count);
  const codes = new Int16Array(count);
  const size = codes.length / (shape[0] as number);
  for (let filter = 0; filter < (shape[0] as number); filter++) {
    const start = first - shiftOf(kernel, filter);
    for (let index = filter * size; index < (filter + 1) * size; index++)
      codes[index] = start + step * fieldAt(fields, bits, index);
  }
  return codes;
};

/** The codes of a packed kernel of this shape; undefined for int8, whose weights are rounded floats. */
export const unpackCodes = (
  kernel: PackedKernel,
  shape: readonly number[],
): QuantizedTensor | undefined => {
  const { grid, bits, codes: fields, scale } = kernel;
  if (grid === "int8") return undefined;
  const filters = shape[0] as number;
  const isSigned = grid === "affine" && bits === 8 && !kernel.zero;
  const codes = isSigned ? signedCodes(fields) : shiftedCodes(kernel, grid, shape);
  const kernelGrid: KernelGrid =
    grid === "dorefa" || grid === "affine" ? { kind: grid, bits } : { kind: "sign" };
  const ones = new Float32Array(filters).fill(1);
  return ownedTensor(shape, { grid: kernelGrid, codes, scale: scale ?? ones });
};
