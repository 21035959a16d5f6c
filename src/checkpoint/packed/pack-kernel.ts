import { QpruneError } from "../../base/errors.js";
import { type GridKernel, type KernelGrid, toGridKernel } from "../../quant/numbers/grid-kernel.js";
import { packFields } from "./bit-fields.js";
import { INT8_MAX, INT8_SHIFT, type PackedKernel, unpackKernel } from "./packed-kernel.js";

const BYTE_BITS = 8;

/** Signs that are never 0 take one bit, but for filters of zeros, whose scale is 0. */
const packSigns = ({ codes, scale }: GridKernel): PackedKernel => {
  const size = codes.length / scale.length;
  const isBinary = codes.every((code, at) => code !== 0 || scale[Math.floor(at / size)] === 0);
  if (isBinary) {
    const fields = codes.map((code) => (code < 0 ? 0 : 1));
    return { grid: "binary", bits: 1, codes: packFields(fields, 1), scale };
  }
  const fields = codes.map((code) => code + 1);
  // A filter of zeros has them in its codes, so that its scale need not break a row of ones.
  const ones = scale.map((value) => (value === 0 ? 1 : value));
  return { grid: "ternary", bits: 2, codes: packFields(fields, 2), scale: ones };
};

const packOnGrid = (kernel: GridKernel): PackedKernel => {
  if (kernel.grid.kind === "sign") return packSigns(kernel);
  const { bits } = kernel.grid;
  return { grid: "dorefa", bits, codes: packFields(kernel.codes, bits), scale: kernel.scale };
};

/**
 * Packs a kernel that was taken apart. Binary kernels that hold zeros beside other weights become ternary;
 * scales that are all 1 are left out.
 */
export const packGridKernel = (kernel: GridKernel): PackedKernel => {
  const packed = packOnGrid(kernel);
  return packed.scale?.every((value) => value === 1) ? { ...packed, scale: null } : packed;
};

/** The first weight that a packed kernel would change; a zero's sign does not count. */
const changedAt = (packed: PackedKernel, values: Float32Array, filters: number): number => {
  const unpacked = unpackKernel(packed, values.length, filters);
  return values.findIndex((value, at) => !Number.isFinite(value) || value !== unpacked[at]);
};

export interface PackKernelOptions {
  readonly filters: number;
  readonly grid: KernelGrid;
  /** Of DoReFa weights with a scale a filter (see toGridKernel). */
  readonly scale?: Float32Array | undefined;
  /** What error messages call the kernel. */
  readonly name: string;
}

/**
 * Packs the weights of a quantized kernel [out, in / groups, kh, kw] without loss: unpackKernel gives them
 * back to the bit, but for the sign of zeros.
 * @throws QpruneError where a weight is none of the grid's.
 */
export const packKernel = (values: Float32Array, options: PackKernelOptions): PackedKernel => {
  const { filters, grid, scale, name } = options;
  const packed = packGridKernel(toGridKernel(values, filters, grid, scale));
  const changed = changedAt(packed, values, filters);
  if (changed < 0) return packed;
  throw new QpruneError(
    `${name}: weight ${changed}, ${values[changed]}, is not on the grid that the file's quantization tells.`,
    { hint: "Export the file that was trained, or another copy of this one." },
  );
};

/**
 * Rounds a float kernel to int8 with a scale a filter: max|w| / 127, weights to the nearest multiple of it.
 * What is lost is at most half of the scale a weight.
 * @throws QpruneError where a weight is no finite number.
 */
export const packInt8 = (values: Float32Array, filters: number, name: string): PackedKernel => {
  const wild = values.findIndex((value) => !Number.isFinite(value));
  if (wild >= 0) {
    throw new QpruneError(`${name}: weight ${wild} is ${values[wild]}, which int8 cannot hold.`, {
      hint: "Export a net whose training did not diverge.",
    });
  }
  const size = values.length / filters;
  const scale = Float32Array.from({ length: filters }, (_, filter) => {
    const weights = values.subarray(filter * size, (filter + 1) * size);
    return weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) / INT8_MAX;
  });
  const fields = Uint8Array.from(values, (weight, at) => {
    const step = scale[Math.floor(at / size)] as number;
    const code = step === 0 ? 0 : Math.round(weight / step);
    return INT8_SHIFT + Math.max(-INT8_MAX, Math.min(INT8_MAX, code));
  });
  return { grid: "int8", bits: BYTE_BITS, codes: packFields(fields, BYTE_BITS), scale };
};
