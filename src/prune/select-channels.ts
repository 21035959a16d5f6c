import { channelGroupSizes, channelGroups, type Neighbors } from "./channel-groups.js";

/** A list of channels sorted from the most to the least important; equals in ascending order. */
const ranked = (channels: readonly number[], importance: ArrayLike<number>): number[] =>
  [...channels].sort((a, b) => (importance[b] as number) - (importance[a] as number) || a - b);

/**
 * Selects `kept` channels of a layer: of every channel group the most important ones, as many as that group of the smaller
 * layer has. The result lists the old index of each new channel. Each new channel is in the channel group of its old one, so
 * the smaller net's shuffle leads it to a consumer of the same group.
 * Example: importance [1, 9, 8, 2, 7, 3, 4, 5], produced in 2 groups and consumed in one: 4 kept are [1, 2, 4, 7], two of
 * channels 0-3 and two of 4-7.
 */
export const selectChannels = (
  importance: ArrayLike<number>,
  kept: number,
  neighbors: Neighbors,
): number[] => {
  const members = new Map<number, number[]>();
  channelGroups(importance.length, neighbors).forEach((group, channel) => {
    const others = members.get(group);
    if (others) others.push(channel);
    else members.set(group, [channel]);
  });
  const smallerGroups = channelGroups(kept, neighbors);
  const queues = new Map<number, number[]>();
  for (const [group, count] of channelGroupSizes(smallerGroups)) {
    const best = ranked(members.get(group) ?? [], importance).slice(0, count);
    queues.set(
      group,
      best.sort((a, b) => a - b),
    );
  }
  return smallerGroups.map((group) => queues.get(group)?.shift() as number);
};
