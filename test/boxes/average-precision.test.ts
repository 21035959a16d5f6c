import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type DetectionResult,
  type DetectionScores,
  detectionScores,
  precisionRecallCurve,
} from "../../src/boxes/average-precision.js";

const { classes, cases } = JSON.parse(
  readFileSync(new URL("coco-scores.json", import.meta.url), "utf8"),
) as {
  readonly classes: number;
  readonly cases: readonly {
    readonly name: string;
    readonly results: readonly DetectionResult[];
    readonly scores: DetectionScores;
  }[];
};

describe("scores of detections equal those of pycocotools for", () => {
  test.each(cases)("$name", ({ results, scores }) => {
    const own = detectionScores(results, classes);
    for (const key of ["mean", "at50", "at75", "small", "medium", "large"] as const) {
      if (scores[key] === null) expect([key, own[key]]).toEqual([key, null]);
      // Both compute in float64; sums differ in their last bits.
      else expect(own[key]).toBeCloseTo(scores[key], 9);
    }
    for (const [label, expected] of scores.classesAt50.entries()) {
      if (expected === null) expect(own.classesAt50[label]).toBeNull();
      else expect(own.classesAt50[label]).toBeCloseTo(expected, 9);
    }
  });
});

test("a precision-recall curve falls, and ends at the recall of all boxes", () => {
  const box = { left: 0, top: 0, width: 10, height: 10, label: 0 };
  const away = { ...box, left: 50 };
  const results = [
    {
      truth: [box, away],
      found: [
        { ...box, score: 0.9 },
        { ...box, left: 100, score: 0.8 },
        { ...away, score: 0.7 },
      ],
    },
  ];
  expect(precisionRecallCurve(results, 0)).toEqual([
    { recall: 0.5, precision: 1 },
    { recall: 0.5, precision: 2 / 3 },
    { recall: 1, precision: 2 / 3 },
  ]);
  expect(precisionRecallCurve(results, 1)).toBeNull();
});

test("finding a difficult object, even twice, is neither right nor wrong, and missing it neither", () => {
  const box = { left: 0, top: 0, width: 10, height: 10, label: 0 };
  const difficult = { ...box, left: 50, isDifficult: true };
  const truth = [box, difficult];
  const [own, other] = [
    { ...box, score: 0.5 },
    { ...box, left: 50, score: 0.9 },
  ];
  expect(detectionScores([{ truth, found: [own] }], 1).at50).toBeCloseTo(100, 9);
  expect(detectionScores([{ truth, found: [own, other, other] }], 1).at50).toBeCloseTo(100, 9);
  // A small part of a difficult object is not that object, unlike a part of a crowd.
  const part = { ...other, width: 4 };
  expect(detectionScores([{ truth, found: [own, part] }], 1).at50).toBeCloseTo(50, 9);
});
