import { boxArea, type FoundBox, isIgnored, type LabeledBox, sharedArea } from "./box.js";

/** Sizes of objects that count, in pixels of area, both ends included. */
export interface AreaRange {
  readonly least: number;
  readonly most: number;
}

/** The boxes of one class in one image; `found` has the highest scores first. */
export interface ImageBoxes {
  readonly truth: readonly LabeledBox[];
  readonly found: readonly FoundBox[];
}

/** What became of the found boxes of an image, at one threshold. */
export interface Matches {
  /** Per found box: right, wrong, or neither. */
  readonly outcomes: readonly ("hit" | "miss" | "ignored")[];
  /** Objects that should be found. */
  readonly objects: number;
}

const areaOf = (box: LabeledBox): number => box.area ?? boxArea(box);

const isOutside = (area: number, { least, most }: AreaRange): boolean =>
  area < least || area > most;

/** Overlap by COCO's rule: for a crowd, the share of the found box that lies in it. */
const overlapWith = (found: FoundBox, truth: LabeledBox): number => {
  const shared = sharedArea(found, truth);
  if (shared === 0) return 0;
  const all = truth.isCrowd ? boxArea(found) : boxArea(found) + boxArea(truth) - shared;
  return shared / all;
};

/** The largest threshold: a perfect overlap may be a rounding error below 1. */
const MAX_THRESHOLD = 1 - 1e-10;

/** The overlaps of all found boxes with all objects of an image: [found][truth]. */
export const overlapsOf = ({ truth, found }: ImageBoxes): readonly (readonly number[])[] =>
  found.map((box) => truth.map((object) => overlapWith(box, object)));

/** Objects in the order in which a found box tries them: those that count come first. */
const order = (truth: readonly LabeledBox[], range: AreaRange) =>
  truth
    .map((object, index) => ({
      index,
      mayRepeat: isIgnored(object),
      isIgnored: isIgnored(object) || isOutside(areaOf(object), range),
    }))
    .sort((a, b) => Number(a.isIgnored) - Number(b.isIgnored));

/**
 * Matches found boxes with objects, best score first, by COCO's rule: each takes the object that it overlaps most, at least
 * by `threshold`, among those that no other box has taken. Objects that count go before crowds, difficult objects and objects of other sizes; boxes that
 * match the latter, and unmatched boxes of other sizes, are ignored.
 * @param overlaps see overlapsOf
 */
export const matchBoxes = (
  { truth, found }: ImageBoxes,
  overlaps: readonly (readonly number[])[],
  threshold: number,
  range: AreaRange,
): Matches => {
  const objects = order(truth, range);
  const taken = new Set<number>();
  const outcomes = found.map((box, at) => {
    let least = Math.min(threshold, MAX_THRESHOLD);
    let best: (typeof objects)[number] | undefined;
    for (const object of objects) {
      if (taken.has(object.index) && !object.mayRepeat) continue;
      // A match that counts is not given up for one that does not.
      if (best && !best.isIgnored && object.isIgnored) break;
      const shared = overlaps[at]?.[object.index] as number;
      if (shared < least) continue;
      least = shared;
      best = object;
    }
    if (!best) return isOutside(boxArea(box), range) ? "ignored" : "miss";
    taken.add(best.index);
    return best.isIgnored ? "ignored" : "hit";
  });
  return { outcomes, objects: objects.filter(({ isIgnored }) => !isIgnored).length };
};
