import type { Graph, ValueId } from "../../graph/graph.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { type ChannelAxes, type ChannelAxis, channelAxes, isShuffling } from "./channel-axes.js";
import { type ChannelGroup, channelGroups, connectedAxes } from "./channel-groups.js";
import {
  type ChannelStructure,
  channelStructure,
  isRegular,
  placedGroups,
} from "./channel-structure.js";

/**
 * Why no channel of some layers can be removed:
 * - `end`: they are those of an image or an output of the net, or coupled with them
 * - `constant`: no layer computes them
 * - `structure`: groups and shuffles lead them in ways that no smaller net has
 */
export type FixedReason = "end" | "constant" | "structure";

/**
 * Layers whose channels are pruned together, since their channels lie in the same values: one convolution with its norm in
 * a chain, all that are added to a residual stream in a ResNet.
 */
export interface CoupledLayers {
  /** Names of the layers whose filters compute the channels, in the graph's order. */
  readonly names: readonly string[];
  /** Index of the first of them among the convolutions and dense layers of the graph. */
  readonly first: number;
  /** The units of removal, in the order of their first channels. */
  readonly groups: readonly ChannelGroup[];
  /** Indices of the axes in which the channels lie. */
  readonly axes: readonly number[];
  /** Null if each group can be removed alone. */
  readonly structure: ChannelStructure | null;
  /** Undefined if they can be pruned. */
  readonly fixedBecause: FixedReason | undefined;
}

/** The channels of a graph as pruning sees them. */
export interface ChannelMap {
  readonly axes: readonly ChannelAxis[];
  readonly axisOf: ReadonlyMap<ValueId, number>;
  /** In the order of their first layers. */
  readonly coupled: readonly CoupledLayers[];
}

/** Which connected axes have a fixed order of channels. */
const structuredSets = ({ axes, links }: ChannelAxes, setOf: readonly number[]): Set<number> =>
  new Set([
    ...axes.flatMap(({ groups }, axis) => (groups.length > 0 ? [setOf[axis] as number] : [])),
    ...links.filter(isShuffling).map(({ inputs }) => setOf[inputs[0] as number] as number),
  ]);

/** Sorts groups into those that are pruned together: whole structures, or groups of the same axes. */
const partition = (
  groups: readonly ChannelGroup[],
  setOf: readonly number[],
  structured: ReadonlySet<number>,
): ChannelGroup[][] => {
  const parts = new Map<string, ChannelGroup[]>();
  for (const group of groups) {
    const axes = [...group.keys()];
    const set = setOf[axes[0] as number] as number;
    const key = structured.has(set) ? `structure ${set}` : axes.join();
    const part = parts.get(key);
    if (part) part.push(group);
    else parts.set(key, [group]);
  }
  return [...parts.values()];
};

/**
 * Finds the channel groups of a graph and which layers are pruned together.
 * Example: in x -> conv a -> relu, x -> conv b, with the outputs added and read by conv c, the coupled layers are [a, b]
 * with a group per channel, and [c].
 */
export const channelMap = (graph: Graph): ChannelMap => {
  const channels = channelAxes(graph);
  const { axes, links, axisOf } = channels;
  const widths = axes.map(({ width }) => width);
  const setOf = connectedAxes(channels);
  const structured = structuredSets(channels, setOf);
  const indices = new Map(weightedNodes(graph).map(({ name }, index) => [name, index]));
  const indexOf = (name: string): number => indices.get(name) as number;
  const couple = (groups: readonly ChannelGroup[]): CoupledLayers => {
    const own = [...new Set(groups.flatMap((group) => [...group.keys()]))].sort((a, b) => a - b);
    const names = own.flatMap((axis) => axes[axis]?.layers.map(({ name }) => name) ?? []);
    names.sort((a, b) => indexOf(a) - indexOf(b));
    const isStructured = structured.has(setOf[own[0] as number] as number);
    const structure = isStructured ? channelStructure(channels, own) : null;
    return {
      names,
      first: names[0] === undefined ? indices.size : indexOf(names[0]),
      groups,
      axes: own,
      structure,
      fixedBecause: whyFixed(
        own.map((axis) => axes[axis] as ChannelAxis),
        structure,
      ),
    };
  };
  const coupled = partition(channelGroups(widths, links), setOf, structured).map(couple);
  coupled.sort((a, b) => a.first - b.first);
  return { axes, axisOf, coupled };
};

const whyFixed = (
  axes: readonly ChannelAxis[],
  structure: ChannelStructure | null,
): FixedReason | undefined => {
  if (axes.some(({ isFixed }) => isFixed)) return "end";
  if (axes.every(({ layers }) => layers.length === 0)) return "constant";
  if (structure && !isRegular(placedGroups(structure, structure.steps), structure))
    return "structure";
  return undefined;
};
