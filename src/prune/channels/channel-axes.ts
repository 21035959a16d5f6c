import { createUnionFind } from "../../base/union-find.js";
import { type ChannelRelation, coupleChannels } from "../../graph/channel-relation.js";
import {
  channelRelation,
  type Graph,
  type NodeInGraph,
  type NodeOf,
  nodesInGraph,
  shapesOf,
  type ValueId,
  valuesOf,
} from "../../graph/graph.js";
import { channelsOf, type Shape } from "../../graph/shape.js";
import { isWeighted, type WeightedNode } from "../../graph/stored-form.js";

/** Values whose channels correspond one to one by index, as those before and after a norm or a ReLU. */
export interface ChannelAxis {
  readonly width: number;
  /** Layers that compute one of the values, in the graph's order. */
  readonly layers: readonly WeightedNode[];
  /** Batch norms that compute one of the values. */
  readonly norms: readonly NodeOf<"batchNorm">[];
  /** Groups of the convolutions that compute or read one of the values, if they have several. */
  readonly groups: readonly number[];
  /** Whether the channels are those of an image, of an output of the net, or of a node that needs all of them. */
  readonly isFixed: boolean;
}

/** A node that leads the channels of some axes to other places of other axes. */
export interface AxisLink {
  readonly relation: ChannelRelation;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The channels of a graph. */
export interface ChannelAxes {
  /** In the order of the graph. */
  readonly axes: readonly ChannelAxis[];
  /** The index of each value's axis. */
  readonly axisOf: ReadonlyMap<ValueId, number>;
  readonly links: readonly AxisLink[];
}

/** The values of each axis, from the nodes that keep channels. */
const indexAxes = (graph: Graph, placed: readonly NodeInGraph[]) => {
  const values = [...shapesOf(graph).keys()];
  const indices = new Map(values.map((value, index) => [value, index]));
  const indexOf = (value: ValueId): number => indices.get(value) as number;
  const sets = createUnionFind(values.length);
  for (const each of placed) {
    if (channelRelation(each).kind !== "keeps") continue;
    for (const input of each.node.inputs) sets.join(indexOf(input), indexOf(each.node.name));
  }
  const axisByRoot = new Map<number, number>();
  return new Map(
    values.map((value, index): [ValueId, number] => {
      const root = sets.find(index);
      const axis = axisByRoot.get(root) ?? axisByRoot.size;
      axisByRoot.set(root, axis);
      return [value, axis];
    }),
  );
};

interface AxisDraft {
  width: number;
  layers: WeightedNode[];
  norms: NodeOf<"batchNorm">[];
  groups: number[];
  isFixed: boolean;
}

/** Axes that learn from each node of a graph. */
const draftAxes = (graph: Graph, axisOf: ReadonlyMap<ValueId, number>): AxisDraft[] => {
  const axes: AxisDraft[] = [];
  const shapes = shapesOf(graph);
  for (const [value, axis] of axisOf) {
    const width = channelsOf(shapes.get(value) as Shape);
    axes[axis] ??= { width, layers: [], norms: [], groups: [], isFixed: false };
  }
  return axes;
};

const FIXED: ReadonlySet<ChannelRelation["kind"]> = new Set(["fixed"]);
const LINKS: ReadonlySet<ChannelRelation["kind"]> = new Set([
  "expands",
  "concatenates",
  "splits",
  "shuffles",
  "pads",
]);

/**
 * Collects the values of a graph into axes.
 * Example: conv -> norm -> relu -> flatten -> dense has the axes of the images, of conv, norm and relu, of the flattened
 * values and of the classes; flatten links the second with the third.
 */
export const channelAxes = (graph: Graph): ChannelAxes => {
  const placed = nodesInGraph(graph);
  const axisOf = indexAxes(graph, placed);
  const axisAt = (value: ValueId): number => axisOf.get(value) as number;
  const axes = draftAxes(graph, axisOf);
  const ofValue = (value: ValueId): AxisDraft => axes[axisAt(value)] as AxisDraft;
  for (const { name } of graph.inputs) ofValue(name).isFixed = true;
  for (const { value } of graph.outputs) ofValue(value).isFixed = true;
  const links: AxisLink[] = [];
  for (const each of placed) {
    const { node } = each;
    const relation = channelRelation(each);
    const around = [...node.inputs, ...valuesOf(node)].map(ofValue);
    if (isWeighted(node)) ofValue(node.name).layers.push(node);
    if (node.kind === "batchNorm") ofValue(node.name).norms.push(node);
    if (relation.kind === "mixes" && relation.groups > 1)
      for (const axis of around) axis.groups.push(relation.groups);
    if (FIXED.has(relation.kind)) for (const axis of around) axis.isFixed = true;
    if (LINKS.has(relation.kind)) {
      links.push({
        relation,
        inputs: node.inputs.map(axisAt),
        outputs: valuesOf(node).map(axisAt),
      });
    }
  }
  return { axes, axisOf, links };
};

/** Whether a link is a channel shuffle, whose groups must divide the number of channels. */
export const isShuffling = ({ relation }: AxisLink): boolean =>
  relation.kind === "shuffles" && relation.groups > 1;

/** Calls `join` with the elements that a link couples; an element is a channel's index after the offset of its axis. */
export const joinLink = (
  { relation, inputs, outputs }: AxisLink,
  { widths, offsets }: { readonly widths: readonly number[]; readonly offsets: readonly number[] },
  join: (one: number, other: number) => void,
): void => {
  const pick = (of: readonly number[], axes: readonly number[]): number[] =>
    axes.map((axis) => of[axis] as number);
  const [from, to] = [pick(offsets, inputs), pick(offsets, outputs)];
  const counts = { inputs: pick(widths, inputs), outputs: pick(widths, outputs) };
  coupleChannels(relation, counts, (input, channel, output, other) =>
    join((from[input] as number) + channel, (to[output] as number) + other),
  );
};
