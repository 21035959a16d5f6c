import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeOf,
  type ValueId,
} from "../../graph/graph.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { isWeighted } from "../../graph/stored-form.js";
import type { KeptChannels } from "../plan/plan.js";

/** A tensor whose numbers for the channels that do not stay are 0, filters first. */
const zeroExcept = (weight: WeightValue, keep: readonly number[]): WeightValue => {
  const stays = new Set(keep);
  const size = (count: number): number => count / (weight.shape[0] as number);
  const isKept = (index: number, count: number): boolean =>
    stays.has(Math.floor(index / size(count)));
  if (weight.kind === "quantized") {
    return {
      ...weight,
      scale: weight.scale.map((scale, filter) => (stays.has(filter) ? scale : 0)),
    };
  }
  const { values } = weight;
  return {
    ...weight,
    values: values.map((value, index) => (isKept(index, values.length) ? value : 0)),
  };
};

/** Whether a gamma of 0 turns off the channels of a norm. */
export const isMaskable = (node: NodeOf<"batchNorm">): boolean =>
  node.hasAffine && node.minGamma === null;

/** Whether all that reads a node's output are norms whose gammas can be masked. */
const isNormed = (consumers: readonly Consumer[] = []): boolean =>
  consumers.length > 0 &&
  consumers.every(({ node }) => node?.kind === "batchNorm" && isMaskable(node));

/** Whether masking a channel sets the tensors of this node to 0: of a norm, or of a layer without a norm after it. */
const isMasked = (node: Node, consumers: ReadonlyMap<ValueId, readonly Consumer[]>): boolean =>
  node.kind === "batchNorm"
    ? isMaskable(node)
    : isWeighted(node) && !isNormed(consumers.get(node.name));

/**
 * Names of the nodes whose tensors are 0 for masked channels.
 * Example: of conv -> norm -> relu -> dense, the norm and the dense layer.
 */
export const maskedNodes = (graph: Graph): ReadonlySet<string> => {
  const consumers = consumersOf(graph);
  return new Set(graph.nodes.filter((node) => isMasked(node, consumers)).map(({ name }) => name));
};

/**
 * The model in its original size with the pruned channels masked: their gammas and betas are 0, as the reference scripts
 * test a net before they build the smaller one, and so are filters and biases of layers without a norm. With
 * `shifts: "stay"` betas and biases are kept.
 */
export const maskModel = (
  model: Model,
  channels: KeptChannels,
  shifts: "go" | "stay" = "go",
): Model => {
  const weights = new Map(model.weights);
  for (const node of maskedNodes(model.graph)) {
    const keep = channels.get(node);
    if (!keep) continue;
    const tensors = [`${node}.weight`, ...(shifts === "go" ? [`${node}.bias`] : [])];
    for (const name of tensors) {
      const weight = weights.get(name);
      if (weight) weights.set(name, zeroExcept(weight, keep));
    }
  }
  return { graph: model.graph, weights };
};
