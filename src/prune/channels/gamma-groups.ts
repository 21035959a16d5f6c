import type { Graph } from "../../graph/graph.js";
import { channelMap } from "./coupled-layers.js";

/**
 * The channel group of every gamma, as a number from 0, by the names of the tensors.
 * Example: two norms whose outputs are added have the same numbers; a third one after another convolution has others.
 */
export const gammaGroups = (graph: Graph): ReadonlyMap<string, Int32Array> => {
  const { axes, coupled } = channelMap(graph);
  const groupsOf = axes.map(({ width }) => new Int32Array(width));
  const groups = coupled.flatMap((layers) => layers.groups);
  for (const [index, group] of groups.entries())
    for (const [axis, channels] of group)
      for (const channel of channels) (groupsOf[axis] as Int32Array)[channel] = index;
  return new Map(
    axes.flatMap(({ norms }, axis) =>
      norms
        .filter(({ hasAffine }) => hasAffine)
        .map(({ name }) => [`${name}.weight`, groupsOf[axis] as Int32Array] as const),
    ),
  );
};
