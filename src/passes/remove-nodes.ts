import type { Graph, Node, ValueId } from "../graph/graph.js";

/**
 * Removes nodes with one input and one output: whatever reads such a node reads its input instead.
 * Example: without b, the nodes a -> b -> c are a -> c.
 */
export const removeNodes = (graph: Graph, names: ReadonlySet<string>): Graph => {
  const inputs = new Map(
    graph.nodes.filter(({ name }) => names.has(name)).map((node) => [node.name, node.inputs[0]]),
  );
  const source = (value: ValueId): ValueId => {
    let current = value;
    for (let next = inputs.get(current); next !== undefined; next = inputs.get(current)) {
      current = next;
    }
    return current;
  };
  const rewired = (node: Node): Node => ({ ...node, inputs: node.inputs.map(source) });
  return {
    inputs: graph.inputs,
    nodes: graph.nodes.filter(({ name }) => !names.has(name)).map(rewired),
    outputs: graph.outputs.map((output) => ({ ...output, value: source(output.value) })),
  };
};
