import { type NodeInGraph, nodesInGraph, parametersOf, type ValueId } from "../../graph/graph.js";
import type { ParameterFacts } from "../../graph/kinds/kind.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { channelsOf, type Shape, sizeOf } from "../../graph/shape.js";
import type { KeptChannels } from "../plan/plan.js";
import { prunedGraph } from "./pruned-graph.js";
import { type KernelCut, sliceKernel } from "./slice-kernel.js";

const pick = (values: Float32Array, keep: readonly number[]): Float32Array =>
  Float32Array.from(keep, (index) => values[index] as number);

/** A node before and after pruning, with the channels that stay around it. */
interface PrunedNode {
  readonly old: NodeInGraph;
  readonly small: NodeInGraph;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const groupsOf = ({ node }: NodeInGraph): number => (node.kind === "conv" ? node.groups : 1);

const kernelCut = ({ old, small, inputs, outputs }: PrunedNode, kernel: Shape): KernelCut => ({
  filters: outputs,
  inputs,
  groups: [groupsOf(old), groupsOf(small)],
  oldFilters: kernel[0] as number,
  oldInputs: channelsOf(old.inputs[0] as Shape),
  area: sizeOf(kernel.slice(2)),
});

const prunedKernel = (
  kernel: WeightValue,
  pruned: PrunedNode,
  { shape }: ParameterFacts,
): WeightValue => {
  const cut = kernelCut(pruned, kernel.shape);
  if (kernel.kind === "quantized") {
    const { grid, codes, scale } = kernel;
    const [own, scales] = [sliceKernel(codes, cut), pick(scale, cut.filters)];
    return { kind: "quantized", shape, grid, codes: own, scale: scales };
  }
  const { values, lastCodes } = kernel;
  return {
    kind: "float",
    shape,
    values: sliceKernel(values, cut),
    ...(lastCodes && { lastCodes: sliceKernel(lastCodes, cut) }),
  };
};

/** A vector with a number for each output channel, or one number for all of them. */
const prunedVector = (
  vector: WeightValue,
  { outputs }: PrunedNode,
  { shape }: ParameterFacts,
): WeightValue => {
  if (vector.kind !== "float") throw new Error("Vectors are float.");
  const isShared = vector.values.length === 1;
  return isShared ? vector : { kind: "float", shape, values: pick(vector.values, outputs) };
};

const allOf = (shape: Shape | undefined): number[] => [...Array(channelsOf(shape ?? [0])).keys()];

const prunedParameter = (
  weight: WeightValue,
  pruned: PrunedNode,
  facts: ParameterFacts,
): WeightValue =>
  facts.role === "kernel"
    ? prunedKernel(weight, pruned, facts)
    : prunedVector(weight, pruned, facts);

/**
 * A model without the channels that do not stay: its graph, kernels by filters and inputs (integer codes with their scales,
 * and the state of hysteresis bands, too), biases and norms by filters, in the order in which the channels are kept.
 */
export const pruneWeights = (model: Model, channels: KeptChannels): Model => {
  const graph = prunedGraph(model.graph, channels);
  const weights = new Map(model.weights);
  const kept = (value: ValueId | undefined, shape: Shape | undefined): readonly number[] =>
    channels.get(value ?? "") ?? allOf(shape);
  const after = nodesInGraph(graph);
  for (const [index, old] of nodesInGraph(model.graph).entries()) {
    const small = after[index] as NodeInGraph;
    const { name, inputs } = old.node;
    const around = [inputs[0] ?? "", name];
    if (!around.some((value) => channels.has(value))) continue;
    const pruned = {
      old,
      small,
      inputs: kept(inputs[0], old.inputs[0]),
      outputs: kept(name, old.outputs[0]),
    };
    for (const facts of parametersOf(small)) {
      const key = `${name}.${facts.suffix}`;
      const weight = weights.get(key);
      if (weight) weights.set(key, prunedParameter(weight, pruned, facts));
    }
  }
  return { graph, weights };
};
