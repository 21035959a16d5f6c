import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { float32Values } from "../../formats/safetensors/tensor-values.js";
import { kernelShape } from "../../models/kernel-shape.js";
import type { NetSpec } from "../../models/spec.js";
import { stateNames } from "../../models/state-names.js";
import { gridOf, type KernelGrid } from "../../quant/numbers/grid-kernel.js";
import type { StateDict } from "../net-state.js";
import { fieldAt, fieldBytes, isPaddedWithZeros } from "./bit-fields.js";
import { gridBits, isField, type PackedKernel } from "./packed-kernel.js";
import { type PackedKernelInfo, type Packing, packedNames } from "./packing.js";

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

/** What a kernel's grid may be, by the quantization that the spec tells. */
const gridProblem = ({ grid, bits }: PackedKernelInfo, expected: KernelGrid | undefined) => {
  if (!gridBits[grid].includes(bits)) return `${grid} weights do not have ${bits} bits`;
  const isSign = grid === "binary" || grid === "ternary";
  if (!expected) return grid === "int8" ? undefined : `is ${grid}, but its net has it in float`;
  if (expected.kind === "sign") return isSign ? undefined : `is ${grid}, but its net's are signs`;
  if (grid === "dorefa" && bits === expected.bits) return undefined;
  return `is ${grid} of ${bits} bits, but its net's weights have ${expected.bits}`;
};

const damaged = (path: string, name: string, problem: string): QpruneError =>
  new QpruneError(`${path}: the packed kernel ${quoted(name)} ${problem}.`, {
    hint: "Use another copy of the file, or export it again.",
  });

/**
 * Finds the packed kernels of a file, by the names of their codes, and holds all that it says of them to
 * its spec and to its bytes, before a weight is unpacked. What the spec may say is bounded by checkSpec.
 * @throws QpruneError naming the first kernel that does not hold.
 */
export const checkPacking = (
  tensors: StateDict,
  { kernels }: Packing,
  spec: NetSpec,
  path: string,
): ReadonlyMap<string, FoundKernel> => {
  if (spec.form === "trainable") {
    throw new QpruneError(`${path}: packed weights cannot be latent ones, as its spec says.`, {
      hint: "Use another copy of the file, or export it again.",
    });
  }
  const places = new Map(stateNames(spec).map(({ conv }, at) => [`${conv}.weight`, at]));
  const found = new Map<string, FoundKernel>();
  for (const [name, info] of Object.entries(kernels)) {
    const at = places.get(name);
    if (at === undefined) throw damaged(path, name, "is none of its net's");
    const shape = kernelShape(spec, at);
    if (String(info.shape) !== String(shape)) {
      throw damaged(path, name, `has shape [${info.shape}], its net's [${shape}]`);
    }
    const { weights } = spec.quantization;
    const wrong = gridProblem(info, spec.convs[at]?.isQuantized ? gridOf(weights) : undefined);
    if (wrong) throw damaged(path, name, wrong);
    const kernel = findKernel(tensors, name, info);
    if (typeof kernel === "string") throw damaged(path, name, kernel);
    found.set(packedNames(name).codes, kernel);
  }
  return found;
};
