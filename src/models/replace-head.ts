import type { Graph, Node } from "../graph/graph.js";
import { isWeighted } from "../graph/stored-form.js";

/** The layer that computes a classifier's logits: the last convolution or dense layer. */
export const headOf = ({ nodes }: Graph): Extract<Node, { readonly kind: "conv" | "dense" }> =>
  nodes.filter(isWeighted).at(-1) as Extract<Node, { readonly kind: "conv" | "dense" }>;

/** A classifier for another number of classes, whose head has as many outputs. */
export const withClasses = (graph: Graph, classes: number): Graph => {
  const head = headOf(graph);
  const nodes = graph.nodes.map((node): Node => {
    if (node.name !== head.name) return node;
    return node.kind === "dense"
      ? { ...node, features: classes }
      : ({ ...node, filters: classes } as Node);
  });
  return { ...graph, nodes };
};
