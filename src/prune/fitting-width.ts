import { channelGroupSizes, channelGroups, type Neighbors } from "./channel-groups.js";

/** Returns a function that tests whether every channel group of a smaller width can be filled from the whole layer. */
const groupsFitInto = (width: number, neighbors: Neighbors) => {
  const available = channelGroupSizes(channelGroups(width, neighbors));
  return (smaller: number): boolean =>
    [...channelGroupSizes(channelGroups(smaller, neighbors))].every(
      ([group, count]) => count <= (available.get(group) ?? 0),
    );
};

/** All multiples of `base` up to the width, and the width itself. Example: width 20 and base 8: 8, 16, 20. */
export const multiplesOf = (base: number, width: number): number[] => {
  const multiples = Array.from(
    { length: Math.floor(width / base) },
    (_, index) => (index + 1) * base,
  );
  return multiples.at(-1) === width ? multiples : [...multiples, width];
};

/**
 * The widths to which a layer can be pruned, in ascending order: multiples of `base` whose channel groups the layer can
 * fill, and the whole layer. `base` must be a multiple of all groups and shuffles on both sides.
 * Example: 20 channels without groups and a base of 8: 8, 16, 20.
 */
export const fittingWidths = (width: number, base: number, neighbors: Neighbors): number[] => {
  const multiples = multiplesOf(base, width);
  // Without groups there is one channel group, and any smaller width fits.
  if (neighbors.groups * neighbors.consumerGroups === 1) return multiples;
  const groupsFit = groupsFitInto(width, neighbors);
  return multiples.filter((each) => each === width || groupsFit(each));
};

/**
 * The width nearest to the wanted one; half-way rounds up, as in the reference scripts. A whole layer beyond the largest
 * multiple counts as the next multiple, so 20 channels stay whole only if 24 would be the nearest multiple of 8.
 * Example: of 8, 16, 20 with base 8, 12 becomes 16, 19 becomes 16 (the next multiple is 24), and 20 stays 20.
 */
export const nearestWidth = (
  wanted: number,
  { widths, base }: { readonly widths: readonly number[]; readonly base: number },
): number => {
  const rounded = (width: number): number => Math.ceil(width / base) * base;
  return widths.reduce((best, each) =>
    Math.abs(rounded(each) - wanted) <= Math.abs(rounded(best) - wanted) ? each : best,
  );
};
