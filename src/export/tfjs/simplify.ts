import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeOf,
} from "../../graph/graph.js";
import { nodesByName } from "../../graph/producers.js";
import { isWeighted } from "../../graph/stored-form.js";
import { removeNodes } from "../../passes/remove-nodes.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";

/** A graph without the nodes that need no node of TensorFlow. */
export interface SimpleGraph {
  readonly graph: Graph;
  /** The batch norm after a convolution or dense layer, by the layer's name; both are one scale and shift. */
  readonly norms: ReadonlyMap<string, NodeOf<"batchNorm">>;
}

/** Whether a node computes its input. */
const isNeutral = (node: Node): boolean =>
  node.kind === "dropout" ||
  (node.kind === "quantize" && quantizerActivation(node.quantizer).kind === "identity");

/** Whether all consumers clamp at 0, as unsigned DoReFa activations do, so that a ReLU before them has no effect. */
const isClamped = (consumers: readonly Consumer[]): boolean =>
  consumers.every(
    ({ node }) =>
      node?.kind === "quantize" && node.quantizer.kind === "dorefa" && !node.quantizer.isSigned,
  );

const without = (graph: Graph, isSuperfluous: (node: Node) => boolean): Graph =>
  removeNodes(graph, new Set(graph.nodes.filter(isSuperfluous).map(({ name }) => name)));

/** Removes dropout, identities and superfluous ReLUs, and combines layers with the norms after them. */
export const simplify = (original: Graph): SimpleGraph => {
  const active = without(original, isNeutral);
  const consumers = consumersOf(active);
  const named = nodesByName(active);
  const norms = new Map<string, NodeOf<"batchNorm">>();
  for (const node of active.nodes) {
    const producer = named.get(node.inputs[0] ?? "");
    if (node.kind !== "batchNorm" || !producer || !isWeighted(producer)) continue;
    if (consumers.get(producer.name)?.length === 1) norms.set(producer.name, node);
  }
  const combined = new Set([...norms.values()].map(({ name }) => name));
  const graph = without(
    active,
    (node) =>
      combined.has(node.name) ||
      (node.kind === "activation" &&
        node.function === "relu" &&
        isClamped(consumers.get(node.name) ?? [])),
  );
  return { graph, norms };
};
