import { type Graph, type Node, shapesOf, type ValueId, valuesOf } from "../../graph/graph.js";
import { channelsOf, type Shape } from "../../graph/shape.js";
import type { KeptChannels } from "../plan/plan.js";

/** The channels of values before and after pruning. */
interface Widths {
  readonly before: (value: ValueId) => number;
  readonly after: (value: ValueId) => number;
}

/** The constant channels that stay before those of the input, and after them. */
const keptBorders = (
  value: ValueId,
  [before, after]: readonly [number, number],
  channels: KeptChannels,
  total: number,
): readonly [number, number] => {
  const kept = channels.get(value);
  if (!kept) return [before, after];
  return [
    kept.filter((channel) => channel < before).length,
    kept.filter((channel) => channel >= total - after).length,
  ];
};

/** A node with the numbers of channels that are left of its inputs and outputs. */
const prunedNode = (node: Node, { before, after }: Widths, channels: KeptChannels): Node => {
  const [input = ""] = node.inputs;
  switch (node.kind) {
    case "conv": {
      const isPerChannel = node.groups > 1 && node.groups === before(input);
      const groups = isPerChannel ? after(input) : node.groups;
      return { ...node, filters: after(node.name), groups };
    }
    case "dense":
      return { ...node, features: after(node.name) };
    case "split":
      return { ...node, sizes: valuesOf(node).map(after) };
    case "pad": {
      if (!node.channels) return node;
      const borders = keptBorders(node.name, node.channels, channels, before(node.name));
      return { ...node, channels: borders };
    }
    case "reshape": {
      const [height, width] = node.shape;
      const count = after(node.name);
      return { ...node, shape: width === undefined ? [count] : [height, width, count] };
    }
    default:
      return node;
  }
};

/**
 * The graph without the channels that do not stay.
 * Example: if 12 of 16 filters stay, a depthwise convolution after them has 12 groups, and a flattened vector of 4x4 maps
 * 192 features instead of 256.
 */
export const prunedGraph = (graph: Graph, channels: KeptChannels): Graph => {
  const shapes = shapesOf(graph);
  const before = (value: ValueId): number => channelsOf(shapes.get(value) as Shape);
  const after = (value: ValueId): number => channels.get(value)?.length ?? before(value);
  const nodes = graph.nodes.map((node) => prunedNode(node, { before, after }, channels));
  return { ...graph, nodes };
};
