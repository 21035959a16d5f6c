import { cellCounts, channelCells, type Neighbours } from "./channel-cells.js";

/** Indices of a list of channels from the most important down; equal ones in their order. */
const ranked = (channels: readonly number[], importance: ArrayLike<number>): number[] =>
  [...channels].sort((a, b) => (importance[b] as number) - (importance[a] as number) || a - b);

/**
 * Chooses `kept` channels of a layer: in every cell the most important ones, as many as that cell of the
 * smaller layer holds. The result lists the old channel of each new one, so that each new channel stands
 * in the cell of its old one and the smaller net's shuffle brings it to a reader of the same group.
 * Example: importance [1, 9, 8, 2, 7, 3, 4, 5] made in 2 groups and read by all: 4 kept are [1, 2, 4, 7],
 * two of channels 0-3 and two of 4-7.
 */
export const selectChannels = (
  importance: ArrayLike<number>,
  kept: number,
  neighbours: Neighbours,
): number[] => {
  const members = new Map<number, number[]>();
  channelCells(importance.length, neighbours).forEach((cell, channel) => {
    const others = members.get(cell);
    if (others) others.push(channel);
    else members.set(cell, [channel]);
  });
  const smallerCells = channelCells(kept, neighbours);
  const queues = new Map<number, number[]>();
  for (const [cell, count] of cellCounts(smallerCells)) {
    const best = ranked(members.get(cell) ?? [], importance).slice(0, count);
    queues.set(
      cell,
      best.sort((a, b) => a - b),
    );
  }
  return smallerCells.map((cell) => queues.get(cell)?.shift() as number);
};
