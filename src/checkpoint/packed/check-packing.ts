import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { kernelShape } from "../../models/kernel-shape.js";
import type { NetSpec } from "../../models/spec.js";
import { stateNames } from "../../models/state-names.js";
import { gridOf, type KernelGrid } from "../../quant/numbers/grid-kernel.js";
import type { StateDict } from "../net-state.js";
import { type FoundKernel, findKernel } from "./find-kernel.js";
import { gridBits } from "./packed-grid.js";
import { type PackedKernelInfo, type Packing, packedNames } from "./packing.js";

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
