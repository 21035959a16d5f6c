import { type Graph, type Node, valuesOf } from "../graph/graph.js";

/** A graph without the nodes whose outputs nothing reads, and without those that only these read. */
export const withoutUnused = (graph: Graph): Graph => {
  const read = new Set(graph.outputs.map(({ value }) => value));
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!valuesOf(node).some((value) => read.has(value))) continue;
    for (const value of node.inputs) read.add(value);
    kept.push(node);
  }
  return { ...graph, nodes: kept.reverse() };
};
