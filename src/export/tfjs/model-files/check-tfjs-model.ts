import { QpruneError } from "../../../base/errors.js";
import { gridValue } from "../../../quant/numbers/grid-kernel.js";
import type { ExportNet } from "../../export-net.js";
import { netGraph } from "../net-graph.js";
import { kernelOf, kernelTensors, type LayerKernel } from "../nodes/kernel-tensors.js";
import type { TfjsModel } from "./read-tfjs-model.js";
import { tensorValues, type WeightTensor } from "./weight-tensor.js";

/** A byte's value is computed as byte scale + min, the grid's as a quotient, so they may round differently. */
const ONE_ULP = 2 ** -23;

const differs = (what: string): QpruneError =>
  new QpruneError(`The written files differ from the exported net: ${what} is not the same.`, {
    hint: "Export it again. If that does not help, the disk may be damaged.",
  });

/** The weights that the graph should compute with, before the filters' scales. */
const expectedKernel = ({ weight }: LayerKernel): Float32Array =>
  weight.kind === "float"
    ? weight.values
    : Float32Array.from(weight.codes, (code) => gridValue(weight.grid, code));

const sameNumbers = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): boolean => {
  if (actual.length !== expected.length) return false;
  for (let index = 0; index < expected.length; index++) {
    const [a, b] = [actual[index] as number, expected[index] as number];
    if (Object.is(a, b)) continue;
    if (!(Math.abs(a - b) <= tolerance * Math.abs(b))) return false;
  }
  return true;
};

const checkKernel = (kernel: LayerKernel, weights: TfjsModel["weights"]): void => {
  const names = kernelTensors(kernel).map(({ name }) => name);
  const tensors = names.map((name) => weights.get(name) as WeightTensor);
  const tolerance = kernel.weight.kind === "float" ? 0 : ONE_ULP;
  if (!sameNumbers(kernelOf(kernel, tensors), expectedKernel(kernel), tolerance)) {
    throw differs(names[0] as string);
  }
};

/**
 * Compares a model read from its files with the net that it was exported from: the graph node by node, every vector
 * element by element, and the kernels as TensorFlow.js will compute them from their bytes.
 * @throws QpruneError naming the first node or tensor that differs.
 */
export const checkTfjsModel = ({ json, weights }: TfjsModel, net: ExportNet): void => {
  const { nodes, weights: expected, kernels } = netGraph(net.model);
  const read = json.modelTopology.node;
  const count = Math.max(nodes.length, read.length);
  for (let index = 0; index < count; index++) {
    if (JSON.stringify(read[index]) !== JSON.stringify(nodes[index])) {
      throw differs(`node ${(nodes[index] ?? read[index])?.name}`);
    }
  }
  for (const tensor of expected) {
    const found = weights.get(tensor.name);
    const isSame =
      found?.kind === tensor.kind &&
      String(found.shape) === String(tensor.shape) &&
      sameNumbers(tensorValues(found), tensorValues(tensor), 0);
    if (!isSame) throw differs(tensor.name);
  }
  for (const kernel of kernels) checkKernel(kernel, weights);
};
