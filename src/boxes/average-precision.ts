import type { FoundBox, LabeledBox } from "./box.js";
import { type AreaRange, type ImageBoxes, matchBoxes, overlapsOf } from "./match-boxes.js";

/** The objects of an image, and what a net found. */
export interface DetectionResult {
  readonly truth: readonly LabeledBox[];
  readonly found: readonly FoundBox[];
}

/** COCO's mean average precisions, in percent; null where no object counts. */
export interface DetectionScores {
  /** Mean over overlaps of 0.5, 0.55, …, 0.95 and all classes with objects. */
  readonly mean: number | null;
  readonly at50: number | null;
  readonly at75: number | null;
  /** Of objects of up to 32x32 pixels, up to 96x96, and larger ones. */
  readonly small: number | null;
  readonly medium: number | null;
  readonly large: number | null;
  /** At an overlap of 0.5, per class. */
  readonly classesAt50: readonly (number | null)[];
}

/** A point of a precision-recall curve, both from 0 to 1. */
export interface CurvePoint {
  readonly recall: number;
  readonly precision: number;
}

// Rounded as COCO's evaluation code rounds them, so that values exactly at a limit count alike.
const THRESHOLDS = Array.from({ length: 10 }, (_, step) => 0.5 + ((0.95 - 0.5) / 9) * step);
const RECALLS = Array.from({ length: 101 }, (_, step) => step * 0.01);
const MOST_FOUND = 100;

const ALL: AreaRange = { least: 0, most: 1e10 };
const SMALL: AreaRange = { least: 0, most: 32 ** 2 };
const MEDIUM: AreaRange = { least: 32 ** 2, most: 96 ** 2 };
const LARGE: AreaRange = { least: 96 ** 2, most: 1e10 };

/** The boxes of one class, image by image, with their overlaps; at most 100 found ones of an image count. */
interface ClassBoxes {
  readonly boxes: ImageBoxes;
  readonly overlaps: ReturnType<typeof overlapsOf>;
}

const boxesOf = (results: readonly DetectionResult[], label: number): readonly ClassBoxes[] =>
  results.flatMap(({ truth, found }) => {
    const boxes = {
      truth: truth.filter((box) => box.label === label),
      found: found
        .filter((box) => box.label === label)
        .sort((a, b) => b.score - a.score)
        .slice(0, MOST_FOUND),
    };
    const isEmpty = boxes.truth.length === 0 && boxes.found.length === 0;
    return isEmpty ? [] : [{ boxes, overlaps: overlapsOf(boxes) }];
  });

/** Precision and recall after each found box of a class that counts, best score first; null without objects. */
const curveOf = (
  images: readonly ClassBoxes[],
  threshold: number,
  range: AreaRange,
): readonly CurvePoint[] | null => {
  let objects = 0;
  const found: { readonly score: number; readonly isHit: boolean }[] = [];
  for (const { boxes, overlaps } of images) {
    const matches = matchBoxes(boxes, overlaps, threshold, range);
    objects += matches.objects;
    for (const [index, outcome] of matches.outcomes.entries())
      if (outcome !== "ignored")
        found.push({ score: boxes.found[index]?.score as number, isHit: outcome === "hit" });
  }
  if (objects === 0) return null;
  let hits = 0;
  return found
    .sort((a, b) => b.score - a.score)
    .map(({ isHit }, index) => {
      if (isHit) hits++;
      return { recall: hits / objects, precision: hits / (index + 1) };
    });
};

/** The best precision at each point of a curve or after it. */
const envelope = (curve: readonly CurvePoint[]): readonly CurvePoint[] => {
  let best = 0;
  return [...curve]
    .reverse()
    .map(({ recall, precision }) => {
      best = Math.max(best, precision);
      return { recall, precision: best };
    })
    .reverse();
};

/** The precision at 101 recalls, 0 where none is reached. */
const precisionsAt = (curve: readonly CurvePoint[]): readonly number[] => {
  const best = envelope(curve);
  let at = 0;
  return RECALLS.map((recall) => {
    while (at < best.length && (best[at] as CurvePoint).recall < recall) at++;
    return best[at]?.precision ?? 0;
  });
};

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const percent = (share: number | null): number | null => (share === null ? null : 100 * share);

/** The mean average precision of classes over thresholds, in percent. */
const meanPrecision = (
  classes: readonly (readonly ClassBoxes[])[],
  thresholds: readonly number[],
  range: AreaRange,
): number | null => {
  const precisions = classes.flatMap((images) =>
    thresholds.flatMap((threshold) => {
      const curve = curveOf(images, threshold, range);
      return curve === null ? [] : [mean(precisionsAt(curve)) as number];
    }),
  );
  return percent(mean(precisions));
};

/**
 * COCO's mean average precisions of what a net found (Lin et al. 2014; the rules are those of its evaluation code): precision at 101
 * recalls, interpolated by the best precision at any higher recall; at most 100 boxes per class and image.
 */
export const detectionScores = (
  results: readonly DetectionResult[],
  classes: number,
): DetectionScores => {
  const byClass = Array.from({ length: classes }, (_, label) => boxesOf(results, label));
  const at = (thresholds: readonly number[], range = ALL) =>
    meanPrecision(byClass, thresholds, range);
  return {
    mean: at(THRESHOLDS),
    at50: at([0.5]),
    at75: at([0.75]),
    small: at(THRESHOLDS, SMALL),
    medium: at(THRESHOLDS, MEDIUM),
    large: at(THRESHOLDS, LARGE),
    classesAt50: byClass.map((images) => meanPrecision([images], [0.5], ALL)),
  };
};

/**
 * The precision-recall curve of one class at an overlap of `threshold`, best scores first; null if the images have no object of it.
 */
export const precisionRecallCurve = (
  results: readonly DetectionResult[],
  label: number,
  threshold = 0.5,
): readonly CurvePoint[] | null => {
  const curve = curveOf(boxesOf(results, label), threshold, ALL);
  return curve && envelope(curve);
};
