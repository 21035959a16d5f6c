import { QpruneError } from "../../base/errors.js";
import { zeroPoints } from "../../quant/numbers/affine-kernel.js";
import type { GridKernel } from "../../quant/numbers/grid-kernel.js";
import { packFields } from "./bit-fields.js";
import { INT8_MAX, INT8_SHIFT, middleOf, type PackedKernel } from "./packed-kernel.js";

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

/** Codes become fields by adding the zero point of their filter. */
const packAffine = (kernel: GridKernel, bits: number): PackedKernel => {
  const { codes, scale } = kernel;
  const zero = zeroPoints(kernel);
  const size = codes.length / scale.length;
  const fields = codes.map(
    (code, index) => code + (zero?.[Math.floor(index / size)] ?? middleOf(bits)),
  );
  return {
    grid: "affine",
    bits,
    codes: packFields(fields, bits),
    scale,
    ...(zero && { zero }),
  };
};

const packOnGrid = (kernel: GridKernel): PackedKernel => {
  if (kernel.grid.kind === "sign") return packSigns(kernel);
  const { kind, bits } = kernel.grid;
  if (kind === "affine") return packAffine(kernel, bits);
  return { grid: "dorefa", bits, codes: packFields(kernel.codes, bits), scale: kernel.scale };
};

/**
 * Packs a quantized kernel losslessly: unpackKernel restores every bit of its weights. Binary kernels that contain zeros among other weights become ternary; scales that are
 * all 1 are omitted.
 */
export const packGridKernel = (kernel: GridKernel): PackedKernel => {
  const packed = packOnGrid(kernel);
  return packed.scale?.every((value) => value === 1) ? { ...packed, scale: null } : packed;
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
