import { consumersOf, type Graph, type Node, type ValueId } from "../../graph/graph.js";
import type { FloatTensor } from "../../graph/model.js";
import { nodesByName, producerName } from "../../graph/producers.js";

/** A net whose graph may still have nodes that nothing reads. */
export interface DraftedNet {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, FloatTensor>;
}

/** Looks for patterns in a net. */
export interface NetView {
  readonly producerOf: (value: ValueId) => Node | undefined;
  /** Whether exactly one input reads a value. */
  readonly isReadOnce: (value: ValueId) => boolean;
  /** The only number of a tensor, as a scale that all channels share; undefined if its numbers differ. */
  readonly scalarOf: (tensor: string) => number | undefined;
}

export const viewOf = ({ graph, weights }: DraftedNet): NetView => {
  const byName = nodesByName(graph);
  const consumers = consumersOf(graph);
  return {
    producerOf: (value) => byName.get(producerName(value)),
    isReadOnce: (value) => consumers.get(value)?.length === 1,
    scalarOf: (tensor) => {
      const values = weights.get(tensor)?.values;
      return values?.every((each) => each === values[0]) ? values[0] : undefined;
    },
  };
};

/** New nodes in the place of others, and new tensors. */
export interface Rewrites {
  readonly nodes?: ReadonlyMap<string, Node>;
  /** Values that are read instead of others. */
  readonly values?: ReadonlyMap<ValueId, ValueId>;
  /** Tensors to add, or to remove if undefined. */
  readonly tensors?: ReadonlyMap<string, FloatTensor | undefined>;
}

const NOTHING = new Map<string, never>();

/** Follows replaced values to the one that stays. */
const settled = (values: ReadonlyMap<ValueId, ValueId>, value: ValueId): ValueId => {
  let at = value;
  for (let next = values.get(at); next !== undefined; next = values.get(at)) at = next;
  return at;
};

export const rewrite = (
  { graph, weights }: DraftedNet,
  { nodes = NOTHING, values = NOTHING, tensors = NOTHING }: Rewrites,
): DraftedNet => {
  const changed = new Map(weights);
  for (const [name, tensor] of tensors)
    if (tensor) changed.set(name, tensor);
    else changed.delete(name);
  return {
    graph: {
      ...graph,
      nodes: graph.nodes.map((node): Node => {
        const now = nodes.get(node.name) ?? node;
        return { ...now, inputs: now.inputs.map((value) => settled(values, value)) };
      }),
      outputs: graph.outputs.map((output) => ({
        ...output,
        value: settled(values, output.value),
      })),
    },
    weights: changed,
  };
};
