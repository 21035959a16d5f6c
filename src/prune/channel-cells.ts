/** What stands on both sides of a convolution's outputs. */
export interface Neighbours {
  /** Groups of the convolution that makes the channels. */
  readonly groups: number;
  /** Groups of the channel shuffle in front of the convolution that reads them; 1 is none. */
  readonly shuffle: number;
  readonly readerGroups: number;
}

/** Where the shuffle of `shuffle` groups puts a channel: [shuffle, width / shuffle] is transposed. */
export const shuffledPosition = (channel: number, width: number, shuffle: number): number => {
  const perGroup = width / shuffle;
  return (channel % perGroup) * shuffle + Math.floor(channel / perGroup);
};

/**
 * The cell of each of `width` channels: the group of the convolution that makes it, and the group of the
 * one that reads it behind the shuffle, as producer * readerGroups + reader. A channel that is pruned
 * can only be made up for within its cell, since kernels of a group have weights for that group alone.
 * Example: 4 channels made in 2 groups, shuffled by 2 (0 2 1 3) and read in 2 groups: [0, 1, 2, 3].
 */
export const channelCells = (
  width: number,
  { groups, shuffle, readerGroups }: Neighbours,
): number[] =>
  Array.from({ length: width }, (_, channel) => {
    const producer = Math.floor((channel * groups) / width);
    const position = shuffledPosition(channel, width, shuffle);
    return producer * readerGroups + Math.floor((position * readerGroups) / width);
  });

/** How many channels each cell holds. */
export const cellCounts = (cells: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return counts;
};
