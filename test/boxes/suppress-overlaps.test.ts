import { expect, test } from "vitest";
import { type FoundBox, overlap } from "../../src/boxes/box.js";
import { suppressOverlaps } from "../../src/boxes/suppress-overlaps.js";

const box = (left: number, score: number, label = 0): FoundBox => ({
  ...{ left, top: 0, width: 10, height: 10 },
  ...{ label, score },
});

const OPTIONS = { maxOverlap: 0.5, most: 10 };

test("overlaps are intersections over unions", () => {
  expect(overlap(box(0, 1), box(0, 1))).toBe(1);
  expect(overlap(box(0, 1), box(5, 1))).toBeCloseTo(50 / 150, 12);
  expect(overlap(box(0, 1), box(10, 1))).toBe(0);
  expect(overlap(box(0, 1), { left: 2, top: 2, width: 5, height: 5 })).toBeCloseTo(0.25, 12);
  expect(overlap({ ...box(0, 1), width: 0 }, { ...box(0, 1), width: 0 })).toBe(0);
});

test("of overlapping boxes of a class, the one with the best score remains", () => {
  expect(suppressOverlaps([box(1, 0.5), box(0, 0.9), box(20, 0.4)], OPTIONS)).toEqual([
    box(0, 0.9),
    box(20, 0.4),
  ]);
});

test("boxes of other classes do not suppress each other", () => {
  expect(suppressOverlaps([box(0, 0.9, 0), box(0, 0.8, 1)], OPTIONS)).toHaveLength(2);
});

test("a suppressed box suppresses no other one", () => {
  // 0 and 4 overlap, and 4 and 8, but not 0 and 8 (2 / 18).
  const chain = [box(0, 0.9), box(3, 0.8), box(6, 0.7)];
  expect(suppressOverlaps(chain, OPTIONS).map(({ left }) => left)).toEqual([0, 6]);
});

test("at most the asked number remains, and equal scores keep their order", () => {
  const many = Array.from({ length: 20 }, (_, index) => box(index * 20, 0.5));
  const kept = suppressOverlaps(many, { maxOverlap: 0.5, most: 3 });
  expect(kept.map(({ left }) => left)).toEqual([0, 20, 40]);
});
