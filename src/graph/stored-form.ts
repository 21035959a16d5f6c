import type { Graph, Node, NodeOf } from "./graph.js";

/** A node whose kernel may be quantized. */
export type WeightedNode = NodeOf<"conv"> | NodeOf<"dense">;

export const isWeighted = (node: Node): node is WeightedNode =>
  node.kind === "conv" || node.kind === "dense";

/** The convolutions and dense layers of a graph, in its order. */
export const weightedNodes = ({ nodes }: Pick<Graph, "nodes">): WeightedNode[] =>
  nodes.filter(isWeighted);

/** How the weights of a net are stored: `latent` if those of any layer are, otherwise `scaled` if those of any layer are. */
export const storedForm = (graph: Pick<Graph, "nodes">): WeightedNode["stored"] => {
  const forms = new Set(weightedNodes(graph).map(({ stored }) => stored));
  return (["latent", "scaled"] as const).find((form) => forms.has(form)) ?? "quantized";
};
