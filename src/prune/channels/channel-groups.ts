import { createUnionFind } from "../../base/union-find.js";
import { type AxisLink, type ChannelAxes, joinLink } from "./channel-axes.js";

/** Channels that are removed together: the channels of each axis, in ascending order. */
export type ChannelGroup = ReadonlyMap<number, readonly number[]>;

/** The first element of each axis, and the number of elements after them. */
export const offsetsOf = (widths: readonly number[]): { offsets: number[]; count: number } => {
  let count = 0;
  const offsets = widths.map((width) => {
    count += width;
    return count - width;
  });
  return { offsets, count };
};

/**
 * The channel groups of axes with given widths: union-find over (axis, channel). They are in the order of their first
 * channels.
 * Example: conv a (2 channels) and conv b (2 channels) whose outputs are added lie in one axis, so the groups are {0} and
 * {1} of that axis; if they are concatenated instead, channel 1 of b is in a group with channel 3 of the concatenation.
 */
export const channelGroups = (
  widths: readonly number[],
  links: readonly AxisLink[],
): ChannelGroup[] => {
  const { offsets, count } = offsetsOf(widths);
  const sets = createUnionFind(count);
  for (const link of links) joinLink(link, { widths, offsets }, sets.join);
  const groups = new Map<number, Map<number, number[]>>();
  for (const [axis, width] of widths.entries()) {
    for (let channel = 0; channel < width; channel++) {
      const root = sets.find((offsets[axis] as number) + channel);
      const group = groups.get(root) ?? new Map<number, number[]>();
      groups.set(root, group);
      const own = group.get(axis);
      if (own) own.push(channel);
      else group.set(axis, [channel]);
    }
  }
  return [...groups.values()];
};

/** Sets of axes that links connect, as a number per axis. */
export const connectedAxes = ({ axes, links }: ChannelAxes): number[] => {
  const sets = createUnionFind(axes.length);
  for (const { inputs, outputs } of links) {
    const [first, ...others] = [...inputs, ...outputs] as [number, ...number[]];
    for (const other of others) sets.join(first, other);
  }
  return axes.map((_, axis) => sets.find(axis));
};
