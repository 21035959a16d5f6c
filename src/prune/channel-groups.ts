/** The groups on both sides of a convolution's output channels. */
export interface Neighbors {
  /** Groups of the convolution that produces the channels. */
  readonly groups: number;
  /** Groups of the channel shuffle before the next convolution; 1: none. */
  readonly shuffle: number;
  /** Groups of the next convolution, which consumes the channels. */
  readonly consumerGroups: number;
}

/** The position of a channel after a shuffle by `shuffle` groups, which transposes [shuffle, width / shuffle]. */
export const shuffledPosition = (channel: number, width: number, shuffle: number): number => {
  const perGroup = width / shuffle;
  return (channel % perGroup) * shuffle + Math.floor(channel / perGroup);
};

/**
 * The channel group of each of `width` channels: the group of the convolution that produces it and the group of the one
 * that consumes it after the shuffle, as producer * consumerGroups + consumer. Only a channel of the same channel group can
 * replace a pruned channel, since the kernels of a group have weights for that group alone.
 * Example: 4 channels produced in 2 groups, shuffled by 2 (0 2 1 3) and consumed in 2 groups: [0, 1, 2, 3].
 */
export const channelGroups = (
  width: number,
  { groups, shuffle, consumerGroups }: Neighbors,
): number[] =>
  Array.from({ length: width }, (_, channel) => {
    const producer = Math.floor((channel * groups) / width);
    const position = shuffledPosition(channel, width, shuffle);
    return producer * consumerGroups + Math.floor((position * consumerGroups) / width);
  });

/** The number of channels in each channel group. */
export const channelGroupSizes = (channelGroup: readonly number[]): Map<number, number> => {
  const sizes = new Map<number, number>();
  for (const group of channelGroup) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return sizes;
};
