import { float32Values } from "../../formats/safetensors/tensor-values.js";
import type { StateDict } from "../net-state.js";
import { fieldAt, fieldBytes, isPaddedWithZeros } from "./bit-fields.js";
import { isField } from "./packed-grid.js";
import type { PackedKernel } from "./packed-kernel.js";
import { type PackedKernelInfo, packedNames } from "./packing.js";

/** A packed kernel of a file whose bytes are those that it needs. */
export interface FoundKernel {
  /** Its name in the dense state dict. */
  readonly name: string;
  readonly shape: PackedKernelInfo["shape"];
  /** Weights. */
  readonly count: number;
  readonly packed: PackedKernel;
}

/** What is wrong with the codes of `count` weights, or undefined. */
const codesProblem = ({ codes, grid, bits }: PackedKernel, count: number): string | undefined => {
  const bytes = fieldBytes(count, bits);
  if (codes.length !== bytes) return `has ${codes.length} bytes of codes, but needs ${bytes}`;
  if (!isPaddedWithZeros(codes, bits, count)) return "has codes behind its last one";
  for (let at = 0; at < count; at++) {
    const field = fieldAt(codes, bits, at);
    if (!isField(grid, field)) return `has the code ${field} at ${at}, which ${grid} does not use`;
  }
  return undefined;
};

/** Finds the bytes of one kernel, or what is wrong with them; no weight is made of them yet. */
export const findKernel = (
  tensors: StateDict,
  name: string,
  { shape, grid, bits }: PackedKernelInfo,
): FoundKernel | string => {
  const names = packedNames(name);
  const [codes, scale] = [tensors.get(names.codes), tensors.get(names.scale)];
  if (tensors.has(name)) return "is there in float32 as well";
  if (codes?.dtype !== "U8" || codes.shape.length !== 1) return `has no ${names.codes} of bytes`;
  if (scale && (scale.dtype !== "F32" || String(scale.shape) !== String(shape[0]))) {
    return `has scales ${scale.dtype} of shape [${scale.shape}], not one a filter`;
  }
  const factors = scale ? float32Values(scale, names.scale) : null;
  if (factors && !factors.every(Number.isFinite)) return "has a scale that is no finite number";
  const packed = { grid, bits, codes: codes.data, scale: factors };
  const count = shape.reduce((product, each) => product * each, 1);
  return codesProblem(packed, count) ?? { name, shape, count, packed };
};
