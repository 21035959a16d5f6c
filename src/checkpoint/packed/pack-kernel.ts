import { QpruneError } from "../../base/errors.js";
import type { KernelGrid } from "../../graph/model.js";
import { type GridKernel, toGridKernel } from "../../quant/numbers/grid-kernel.js";
import { packFields } from "./bit-fields.js";
import { INT8_MAX, INT8_SHIFT, type PackedKernel, unpackKernel } from "./packed-kernel.js";

const BYTE_BITS = 8;

/** Signs take one bit if none is 0, except in filters of zeros, whose scale is 0. */
const packSigns = ({ codes, scale }: GridKernel): PackedKernel => {
  const size = codes.length / scale.length;
  const isBinary = codes.every(
    (code, index) => code !== 0 || scale[Math.floor(index / size)] === 0,
  );
  if (isBinary) {
    const fields = codes.map((code) => (code < 0 ? 0 : 1));
    return { grid: "binary", bits: 1, codes: packFields(fields, 1), scale };
  }
  const fields = codes.map((code) => code + 1);
  // A filter of zeros has zeros as codes, so its scale can be 1; scales that are all 1 are not stored.
  const ones = scale.map((value) => (value === 0 ? 1 : value));
  return { grid: "ternary", bits: 2, codes: packFields(fields, 2), scale: ones };
};

const packOnGrid = (kernel: GridKernel): PackedKernel => {
  if (kernel.grid.kind === "sign") return packSigns(kernel);
  const { bits } = kernel.grid;
  return { grid: "dorefa", bits, codes: packFields(kernel.codes, bits), scale: kernel.scale };
};

/**
 * Packs a quantized kernel. Binary kernels that contain zeros among other weights become ternary; scales that are
 * all 1 are omitted.
 */
export const packGridKernel = (kernel: GridKernel): PackedKernel => {
  const packed = packOnGrid(kernel);
  return packed.scale?.every((value) => value === 1) ? { ...packed, scale: null } : packed;
};

/** Index of the first weight that packing would change, or -1; the sign of zero does not count. */
const firstChanged = (packed: PackedKernel, values: Float32Array, filters: number): number => {
  const unpacked = unpackKernel(packed, values.length, filters);
  return values.findIndex((value, index) => !Number.isFinite(value) || value !== unpacked[index]);
};

export interface PackKernelOptions {
  readonly filters: number;
  readonly grid: KernelGrid;
  /** Scales per filter of DoReFa weights (see toGridKernel). */
  readonly scale?: Float32Array | undefined;
  /** The kernel's name in error messages. */
  readonly name: string;
}

/**
 * Packs the weights of a quantized kernel [out, in / groups, kh, kw] losslessly: unpackKernel restores every bit
 * except the sign of zeros.
 * @throws QpruneError if a weight is not on the grid.
 */
export const packKernel = (values: Float32Array, options: PackKernelOptions): PackedKernel => {
  const { filters, grid, scale, name } = options;
  const packed = packGridKernel(toGridKernel(values, filters, grid, scale));
  const changed = firstChanged(packed, values, filters);
  if (changed < 0) return packed;
  throw new QpruneError(
    `${name}: weight ${changed}, ${values[changed]}, is not on the grid of the file's quantization.`,
    { hint: "Export the trained file, or another copy of this one." },
  );
};

/**
 * Rounds a float kernel to int8 with a scale per filter of max|w| / 127. The error per weight is at most half the
 * scale.
 * @throws QpruneError if a weight is not finite.
 */
export const packInt8 = (values: Float32Array, filters: number, name: string): PackedKernel => {
  const nonFinite = values.findIndex((value) => !Number.isFinite(value));
  if (nonFinite >= 0) {
    throw new QpruneError(
      `${name}: weight ${nonFinite} is ${values[nonFinite]}, which int8 cannot represent.`,
      {
        hint: "Export a net whose training did not diverge.",
      },
    );
  }
  const size = values.length / filters;
  const scale = Float32Array.from({ length: filters }, (_, filter) => {
    const weights = values.subarray(filter * size, (filter + 1) * size);
    return weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) / INT8_MAX;
  });
  const fields = Uint8Array.from(values, (weight, index) => {
    const step = scale[Math.floor(index / size)] as number;
    const code = step === 0 ? 0 : Math.round(weight / step);
    return INT8_SHIFT + Math.max(-INT8_MAX, Math.min(INT8_MAX, code));
  });
  return { grid: "int8", bits: BYTE_BITS, codes: packFields(fields, BYTE_BITS), scale };
};
