import type { ChannelGroup } from "../channels/channel-groups.js";
import {
  type ChannelStructure,
  leastSteps,
  type PlacedGroup,
  placedGroups,
} from "../channels/channel-structure.js";

/** The widths to which coupled layers can be pruned; a width is a number of channel groups. */
export interface WidthChoice {
  /** Widths are multiples of it, or the whole. */
  readonly base: number;
  /** The part of the base that groups and shuffles require. */
  readonly groupBase: number;
  /** In ascending order; the last is the whole. */
  readonly widths: readonly number[];
  /** Whether the smaller net leads no more channels to any place than there are. */
  readonly fits: (width: number) => boolean;
  /**
   * The most important channels for each place of a smaller width: the old index of each new one. Equals are taken in
   * ascending order.
   */
  readonly select: (importance: ArrayLike<number>, width: number) => number[];
  /** The channels of each axis of the smaller net by their old indices; null if they only lose some, in their order. */
  readonly arrange: (keep: readonly number[]) => ReadonlyMap<number, readonly number[]> | null;
}

/** All multiples of `base` up to the width, and the width itself. Example: width 20 and base 8: 8, 16, 20. */
export const multiplesOf = (base: number, width: number): number[] => {
  const multiples = Array.from(
    { length: Math.floor(width / base) },
    (_, index) => (index + 1) * base,
  );
  return multiples.at(-1) === width ? multiples : [...multiples, width];
};

/**
 * The possible widths by their distance from the wanted one; of equals the larger comes first, since the reference scripts
 * round up half-way. A whole layer beyond the largest multiple counts as the next multiple, so 20 channels stay whole only
 * if 24 would be the nearest multiple of 8.
 * Example: of 8, 16, 20 with base 8, 12 becomes 16, 19 becomes 16 (the next multiple is 24), and 20 stays 20.
 */
export const byDistance = (
  wanted: number,
  { widths, base }: Pick<WidthChoice, "widths" | "base">,
): number[] => {
  const distance = (width: number): number => Math.abs(Math.ceil(width / base) * base - wanted);
  return [...widths].sort((a, b) => distance(a) - distance(b) || b - a);
};

/** A list of channels sorted from the most to the least important; equals in ascending order. */
const ranked = (channels: readonly number[], importance: ArrayLike<number>): number[] =>
  [...channels].sort((a, b) => (importance[b] as number) - (importance[a] as number) || a - b);

const ascending = (channels: readonly number[]): number[] => [...channels].sort((a, b) => a - b);

/** Layers of `total` channel groups that can be removed one by one, to multiples of `multiple`. */
export const freeChoice = (total: number, multiple: number): WidthChoice => ({
  base: multiple,
  groupBase: 1,
  widths: multiplesOf(multiple, total),
  fits: () => true,
  select: (importance, width) =>
    ascending(ranked([...Array(total).keys()], importance).slice(0, width)),
  arrange: () => null,
});

/** The indices of channel groups by their place. */
const byPlace = (groups: readonly PlacedGroup[]): Map<string, number[]> => {
  const places = new Map<string, number[]>();
  for (const [index, { place }] of groups.entries()) {
    const others = places.get(place);
    if (others) others.push(index);
    else places.set(place, [index]);
  }
  return places;
};

/** Returns a function that computes each result once. */
const remembering = <T>(compute: (key: number) => T): ((key: number) => T) => {
  const known = new Map<number, T>();
  return (key) => {
    const result = known.get(key) ?? compute(key);
    known.set(key, result);
    return result;
  };
};

/** The old channels of each axis of a smaller structure, whose new groups take the places of old ones. */
const arranged = (
  structure: ChannelStructure,
  smaller: readonly PlacedGroup[],
  old: readonly ChannelGroup[],
): Map<number, number[]> => {
  const axes = new Map<number, number[]>(structure.axes.map((axis) => [axis, []]));
  for (const [index, { channels }] of smaller.entries()) {
    for (const [local, own] of channels) {
      const axis = structure.axes[local] as number;
      const before = old[index]?.get(axis) ?? [];
      for (const [at, channel] of own.entries())
        (axes.get(axis) as number[])[channel] = before[at] as number;
    }
  }
  return axes;
};

/**
 * Layers around groups and shuffles. A smaller width takes for each place the most important of the channels that have it.
 * Example: importance [1, 9, 8, 2, 7, 3, 4, 5] of channels computed in 2 groups: 4 kept are [1, 2, 4, 7], two of channels
 * 0-3 and two of 4-7.
 */
export const structuredChoice = (
  structure: ChannelStructure,
  groups: readonly ChannelGroup[],
  multiple: number,
): WidthChoice => {
  const total = groups.length;
  const perStep = total / structure.steps;
  const placed = remembering((width) => placedGroups(structure, width / perStep));
  const available = byPlace(placed(total));
  const fits = remembering((width) => {
    const smaller = placed(width);
    return (
      smaller.length === width &&
      [...byPlace(smaller)].every(
        ([place, own]) => own.length <= (available.get(place)?.length ?? 0),
      )
    );
  });
  const base = leastSteps(structure, multiple) * perStep;
  return {
    base,
    groupBase: leastSteps(structure, 1) * perStep,
    widths: multiplesOf(base, total),
    fits,
    select: (importance, width) => {
      const keep: number[] = [];
      for (const [place, own] of byPlace(placed(width))) {
        const best = ranked(available.get(place) ?? [], importance).slice(0, own.length);
        for (const [index, old] of ascending(best).entries()) keep[own[index] as number] = old;
      }
      return keep;
    },
    arrange: (keep) => {
      if (keep.length === total) return null;
      const old = keep.map((index) => groups[index] as ChannelGroup);
      return arranged(structure, placed(keep.length), old);
    },
  };
};
