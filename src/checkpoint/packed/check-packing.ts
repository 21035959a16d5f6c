import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { float32Values } from "../../formats/safetensors/tensor-values.js";
import { type Graph, nodesInGraph, parametersOf } from "../../graph/graph.js";
import { gridOf, type KernelGrid } from "../../graph/model.js";
import { sizeOf } from "../../graph/shape.js";
import { isWeighted, storedForm, type WeightedNode } from "../../graph/stored-form.js";
import type { StateDict } from "../tensors/net-state.js";
import { fieldAt, fieldBytes, isPaddedWithZeros } from "./bit-fields.js";
import { gridBits, isField, type PackedKernel, usesAllFields } from "./packed-kernel.js";
import { type PackedKernelInfo, type Packing, packedNames } from "./packing.js";

/** A packed kernel of a file, with a checked number of bytes. */
export interface StoredKernel {
  /** Its name in the dense state dict. */
  readonly name: string;
  readonly shape: PackedKernelInfo["shape"];
  /** Number of weights. */
  readonly count: number;
  readonly packed: PackedKernel;
}

/** The problem with the codes of `count` weights, or undefined. */
const codesProblem = ({ codes, grid, bits }: PackedKernel, count: number): string | undefined => {
  const bytes = fieldBytes(count, bits);
  if (codes.length !== bytes) return `has ${codes.length} bytes of codes, but needs ${bytes}`;
  if (!isPaddedWithZeros(codes, bits, count)) return "has nonzero bits after its last code";
  if (usesAllFields(grid)) return undefined;
  for (let index = 0; index < count; index++) {
    const field = fieldAt(codes, bits, index);
    if (!isField(grid, field))
      return `has the code ${field} at index ${index}, which ${grid} does not use`;
  }
  return undefined;
};

/** Finds and checks the bytes of one kernel, without unpacking them; a string is the problem with them. */
const findKernel = (
  tensors: StateDict,
  name: string,
  { shape, grid, bits }: PackedKernelInfo,
): StoredKernel | string => {
  const names = packedNames(name);
  const [codes, scale] = [tensors.get(names.codes), tensors.get(names.scale)];
  if (tensors.has(name)) return "is also present in float32";
  if (codes?.dtype !== "U8" || codes.shape.length !== 1) return `has no byte vector ${names.codes}`;
  if (scale && (scale.dtype !== "F32" || String(scale.shape) !== String(shape[0]))) {
    return `has scales ${scale.dtype} of shape [${scale.shape}], not one per filter`;
  }
  const factors = scale ? float32Values(scale, names.scale) : null;
  if (factors && !factors.every(Number.isFinite)) return "has a scale that is not finite";
  const zero = tensors.get(names.zero);
  if (zero && (grid !== "affine" || zero.dtype !== "U8" || String(zero.shape) !== String(shape[0])))
    return `has zero points ${zero.dtype} of shape [${zero.shape}], not one byte per filter`;
  if (zero?.data.some((code) => code >= 2 ** bits)) return "has a zero point that is no code";
  const packed = { grid, bits, codes: codes.data, scale: factors, zero: zero?.data };
  const count = sizeOf(shape);
  return codesProblem(packed, count) ?? { name, shape, count, packed };
};

/** The problem of a kernel's grid with the quantization of the spec, or undefined. */
const gridProblem = ({ grid, bits }: PackedKernelInfo, expected: KernelGrid | undefined) => {
  if (!gridBits[grid].includes(bits)) return `${grid} weights do not have ${bits} bits`;
  const isSign = grid === "binary" || grid === "ternary";
  if (!expected)
    return grid === "int8" ? undefined : `is ${grid}, but its net does not quantize it`;
  if (expected.kind === "sign")
    return isSign ? undefined : `is ${grid}, but its net's weights are signs`;
  if (grid === expected.kind && bits === expected.bits) return undefined;
  return `is ${grid} with ${bits} bits, but its net's weights have ${expected.bits}`;
};

const damaged = (path: string, name: string, problem: string): QpruneError =>
  new QpruneError(`${path}: the packed kernel ${quoted(name)} ${problem}.`, {
    hint: "Use another copy of the file, or export it again.",
  });

interface ExpectedKernel {
  readonly node: WeightedNode;
  readonly shape: readonly number[];
}

/** The kernels of a graph by their names in a state dict. */
const kernelsOf = (graph: Graph): ReadonlyMap<string, ExpectedKernel> => {
  const kernels = new Map<string, ExpectedKernel>();
  for (const placed of nodesInGraph(graph)) {
    const { node } = placed;
    const kernel = parametersOf(placed).find(({ role }) => role === "kernel");
    if (isWeighted(node) && kernel) {
      kernels.set(`${node.name}.${kernel.suffix}`, { node, shape: kernel.shape });
    }
  }
  return kernels;
};

const checkForm = (graph: Graph, path: string): void => {
  if (storedForm(graph) !== "latent") return;
  throw new QpruneError(
    `${path}: its spec describes a trainable net, whose latent weights cannot be packed.`,
    { hint: "Use another copy of the file, or export it again." },
  );
};

/**
 * Finds the packed kernels of a file, by the names of their codes, and checks them against the graph and their bytes
 * before anything is allocated for unpacking (CWE-770). checkGraph limits the shapes of the graph.
 * @throws QpruneError naming the first invalid kernel.
 */
export const checkPacking = (
  tensors: StateDict,
  { kernels }: Packing,
  graph: Graph,
  path: string,
): ReadonlyMap<string, StoredKernel> => {
  checkForm(graph, path);
  const expected = kernelsOf(graph);
  const found = new Map<string, StoredKernel>();
  for (const [name, info] of Object.entries(kernels)) {
    const own = expected.get(name);
    if (!own) throw damaged(path, name, "does not belong to its net");
    if (String(info.shape) !== String(own.shape)) {
      throw damaged(path, name, `has shape [${info.shape}], but its net needs [${own.shape}]`);
    }
    const problem = gridProblem(info, gridOf(own.node.quantizer));
    if (problem) throw damaged(path, name, problem);
    const kernel = findKernel(tensors, name, info);
    if (typeof kernel === "string") throw damaged(path, name, kernel);
    found.set(packedNames(name).codes, kernel);
  }
  return found;
};
