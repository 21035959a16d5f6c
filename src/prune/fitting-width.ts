import { cellCounts, channelCells, type Neighbours } from "./channel-cells.js";

/** Tells of a smaller width whether its cells hold no more channels than those of the layer it is made from. */
const cellsFitInto = (width: number, neighbours: Neighbours) => {
  const available = cellCounts(channelCells(width, neighbours));
  return (smaller: number): boolean =>
    [...cellCounts(channelCells(smaller, neighbours))].every(
      ([cell, count]) => count <= (available.get(cell) ?? 0),
    );
};

/** All multiples of `base` up to the width, and the width itself. Example: 20 with a base of 8: 8, 16, 20. */
export const multiplesOf = (base: number, width: number): number[] => {
  const multiples = Array.from({ length: Math.floor(width / base) }, (_, at) => (at + 1) * base);
  return multiples.at(-1) === width ? multiples : [...multiples, width];
};

/**
 * The widths that a layer can be pruned to: multiples of `base` whose cells it can fill, and the whole
 * layer, in rising order. `base` must be a multiple of all groups and shuffles on both sides.
 * Example: 20 channels without groups and a base of 8: 8, 16, 20.
 */
export const fittingWidths = (width: number, base: number, neighbours: Neighbours): number[] => {
  const multiples = multiplesOf(base, width);
  // Without groups there is one cell, which any smaller width fits into.
  if (neighbours.groups * neighbours.readerGroups === 1) return multiples;
  const cellsFit = cellsFitInto(width, neighbours);
  return multiples.filter((each) => each === width || cellsFit(each));
};

/**
 * The width nearest to the wanted one; half-way goes up, as the original rounds. Past the largest multiple
 * it is the next multiple that counts, so that 20 channels are left whole only where 20 is nearer to it.
 * Example: of 8, 16, 20 with a base of 8, 12 becomes 16, 19 becomes 16 (the next multiple would be 24) and 20 stays 20.
 */
export const nearestWidth = (
  wanted: number,
  { widths, base }: { readonly widths: readonly number[]; readonly base: number },
): number => {
  const place = (width: number): number => Math.ceil(width / base) * base;
  return widths.reduce((best, each) =>
    Math.abs(place(each) - wanted) <= Math.abs(place(best) - wanted) ? each : best,
  );
};
