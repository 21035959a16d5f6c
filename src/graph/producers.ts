import type { Graph, Node, ValueId } from "./graph.js";

/** The name of the node (or input) that computes a value. */
export const producerName = (value: ValueId): string => value.split(":")[0] as string;

/** The nodes of a graph by name. */
export const nodesByName = ({ nodes }: Pick<Graph, "nodes">): ReadonlyMap<string, Node> =>
  new Map(nodes.map((node) => [node.name, node]));
