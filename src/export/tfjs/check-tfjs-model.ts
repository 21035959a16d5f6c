import { QpruneError } from "../../base/errors.js";
import { gridValue } from "../../quant/numbers/grid-kernel.js";
import type { ExportNet } from "../export-net.js";
import type { ConvStep } from "./conv-step.js";
import { convSteps } from "./conv-steps.js";
import { kernelName, kernelOf, kernelTensors } from "./kernel-tensors.js";
import { netGraph } from "./net-graph.js";
import type { TfjsModel } from "./read-tfjs-model.js";
import { tensorValues, type WeightTensor } from "./weight-tensor.js";

/** A byte's value is computed as byte scale + min; the grid's is a quotient: they may round apart. */
const ONE_ULP = 2 ** -23;

const differs = (what: string): QpruneError =>
  new QpruneError(`What was read back is not the net that was exported: ${what} differs.`, {
    hint: "Export it again; if that does not help, the disk may be damaged.",
  });

/** The numbers of a kernel that the graph should compute with, before the filters' scales. */
const expectedKernel = ({ kernel }: ConvStep): Float32Array =>
  kernel.kind === "float"
    ? kernel.values
    : Float32Array.from(kernel.codes, (code) => gridValue(kernel.grid, code));

const sameNumbers = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): boolean => {
  if (actual.length !== expected.length) return false;
  for (let at = 0; at < expected.length; at++) {
    const [is, should] = [actual[at] as number, expected[at] as number];
    if (Object.is(is, should)) continue;
    if (!(Math.abs(is - should) <= tolerance * Math.abs(should))) return false;
  }
  return true;
};

const checkKernel = (step: ConvStep, weights: TfjsModel["weights"]): void => {
  const tensors = kernelTensors(step).map(({ name }) => weights.get(name) as WeightTensor);
  const tolerance = step.kernel.kind === "float" ? 0 : ONE_ULP;
  if (!sameNumbers(kernelOf(step, tensors), expectedKernel(step), tolerance)) {
    throw differs(kernelName(step, 0));
  }
};

/**
 * Compares a model that was read back with the net that it was made of: the graph node by node, every
 * vector number by number, and the kernels as TensorFlow.js will compute them from their bytes.
 * @throws QpruneError naming the first node or tensor that differs.
 */
export const checkTfjsModel = ({ json, weights }: TfjsModel, net: ExportNet): void => {
  const steps = convSteps(net);
  const { nodes, weights: expected } = netGraph(steps);
  const read = json.modelTopology.node;
  const count = Math.max(nodes.length, read.length);
  for (let at = 0; at < count; at++) {
    if (JSON.stringify(read[at]) !== JSON.stringify(nodes[at])) {
      throw differs(`node ${(nodes[at] ?? read[at])?.name}`);
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
  for (const step of steps) checkKernel(step, weights);
};
