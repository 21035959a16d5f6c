import type { FoundBox } from "./box.js";
import { BOX_CHANNELS, type BoxLayout, boxAt, boxPlaces, OBJECT_CHANNEL } from "./box-layout.js";
import { suppressOverlaps } from "./suppress-overlaps.js";

export interface FindOptions {
  /** Sides of the image in pixels, to which boxes are cut. */
  readonly image: { readonly height: number; readonly width: number };
  /** Boxes with lower scores are dropped. */
  readonly leastScore: number;
  /** Boxes of one class that overlap more than this are the same object. */
  readonly maxOverlap?: number;
  /** Boxes to keep at most. */
  readonly most?: number;
}

const MAX_OVERLAP = 0.6;
/** COCO's evaluation counts as many per image. */
const MOST = 100;
/** Of the boxes of an image before suppression, those with the best scores. */
const MOST_CANDIDATES = 1000;

const probability = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** A box without the parts outside the image; undefined if nothing of it lies inside. */
const cut = (
  { left, top, width, height, ...rest }: FoundBox,
  image: FindOptions["image"],
): FoundBox[] => {
  const [right, bottom] = [
    Math.min(left + width, image.width),
    Math.min(top + height, image.height),
  ];
  const inside = { left: Math.max(left, 0), top: Math.max(top, 0) };
  const sides = { width: right - inside.left, height: bottom - inside.top };
  return sides.width > 0 && sides.height > 0 ? [{ ...inside, ...sides, ...rest }] : [];
};

/**
 * The objects in an image by the output of a detector, best score first. The score of a class is the probability of an object times
 * that of the class; every place proposes its box for each class whose score is high enough. Values that are not finite propose nothing.
 */
export const findBoxes = (
  values: Float32Array,
  layout: BoxLayout,
  { image, leastScore, maxOverlap = MAX_OVERLAP, most = MOST }: FindOptions,
): FoundBox[] => {
  const candidates: FoundBox[] = [];
  for (const place of boxPlaces(layout)) {
    const { at, step } = place;
    const objectness = probability(values[at + OBJECT_CHANNEL * step] as number);
    if (!(objectness >= leastScore)) continue;
    for (let label = 0; label < layout.classes; label++) {
      const logit = values[at + (BOX_CHANNELS + label) * step] as number;
      const score = objectness * probability(logit);
      if (score >= leastScore)
        candidates.push(...cut({ ...boxAt(values, place), label, score }, image));
    }
  }
  const best = candidates.sort((a, b) => b.score - a.score).slice(0, MOST_CANDIDATES);
  return suppressOverlaps(best, { maxOverlap, most });
};
