import { type Box, isIgnored, type LabeledBox, overlap } from "../../../boxes/box.js";
import {
  BOX_CHANNELS,
  type BoxLayout,
  type BoxPlace,
  boxAt,
  boxPlaces,
  OBJECT_CHANNEL,
} from "../../../boxes/box-layout.js";

/** A place of a detector that is to find an object. */
export interface Assignment {
  readonly place: BoxPlace;
  readonly object: LabeledBox;
  /** The box that the place describes now. */
  readonly box: Box;
  /** Of this box with the object, 0 to 1. */
  readonly overlap: number;
}

/** Places this close to the middle of an object, in strides, may find it. */
const CENTER_RADIUS = 2.5;
/** The number of places of an object is the sum of this many largest overlaps. */
const MOST_OVERLAPS = 10;
/** The weight of the box in the cost of an assignment, compared with the class. */
const BOX_WEIGHT = 3;
/** Of a place outside the object or far from its middle: taken only if there is no other. */
const OUTSIDE = 1e5;
const EPSILON = 1e-8;

const probability = (logit: number): number => 1 / (1 + Math.exp(-logit));

interface Candidate {
  readonly place: BoxPlace;
  readonly box: Box;
  readonly overlap: number;
  readonly cost: number;
}

const isInside = ({ x, y }: BoxPlace, { left, top, width, height }: Box): boolean =>
  x > left && x < left + width && y > top && y < top + height;

const isNearMiddle = ({ x, y, level }: BoxPlace, { left, top, width, height }: Box): boolean => {
  const radius = CENTER_RADIUS * level.stride;
  return Math.abs(x - left - width / 2) < radius && Math.abs(y - top - height / 2) < radius;
};

/** The cross-entropy of the scores of a place, square roots of object times class, with an object's class. */
const classCost = (
  values: Float32Array,
  { at, step }: BoxPlace,
  classes: number,
  label: number,
): number => {
  const objectness = probability(values[at + OBJECT_CHANNEL * step] as number);
  let cost = 0;
  for (let each = 0; each < classes; each++) {
    const logit = values[at + (BOX_CHANNELS + each) * step] as number;
    const score = Math.sqrt(objectness * probability(logit));
    cost -= Math.log((each === label ? score : 1 - score) + EPSILON);
  }
  return cost;
};

const candidatesFor = (
  values: Float32Array,
  layout: BoxLayout,
  object: LabeledBox,
): readonly Candidate[] =>
  boxPlaces(layout).flatMap((place) => {
    const [inside, near] = [isInside(place, object), isNearMiddle(place, object)];
    if (!inside && !near) return [];
    const box = boxAt(values, place);
    const shared = overlap(box, object);
    const cost =
      classCost(values, place, layout.classes, object.label) -
      BOX_WEIGHT * Math.log(shared + EPSILON) +
      (inside && near ? 0 : OUTSIDE);
    return [{ place, box, overlap: shared, cost }];
  });

/** The cheapest candidates, as many as the sum of the largest overlaps, at least one. */
const chosen = (candidates: readonly Candidate[]): readonly Candidate[] => {
  const overlaps = candidates.map((each) => each.overlap).sort((a, b) => b - a);
  const sum = overlaps.slice(0, MOST_OVERLAPS).reduce((total, each) => total + each, 0);
  return [...candidates].sort((a, b) => a.cost - b.cost).slice(0, Math.max(1, Math.floor(sum)));
};

/**
 * The places of an image that are to find its objects, by what they describe now (SimOTA: Ge et al. 2021, "YOLOX", section 2.1, and its
 * code): places in or near an object compete for it by the cost of class and box, and the better the boxes fit, the more places an
 * object gets. A place that two objects choose goes to the cheaper one. Crowds and difficult objects are assigned to nothing.
 * @param values the detector's output for the image
 */
export const assignObjects = (
  values: Float32Array,
  layout: BoxLayout,
  objects: readonly LabeledBox[],
): readonly Assignment[] => {
  const best = new Map<BoxPlace, Candidate & { readonly object: LabeledBox }>();
  for (const object of objects) {
    if (isIgnored(object)) continue;
    for (const candidate of chosen(candidatesFor(values, layout, object))) {
      const other = best.get(candidate.place);
      if (!other || candidate.cost < other.cost)
        best.set(candidate.place, { ...candidate, object });
    }
  }
  return [...best.values()];
};
