import { expect, test } from "vitest";
import { importanceSpread } from "../../src/prune/importance/importance-spread.js";

const ones = (count: number): number[] => new Array<number>(count).fill(1);

test("a twentieth at either end does not count", () => {
  expect(
    importanceSpread([
      [0.1, ...ones(9)],
      [...ones(9), 3],
    ]),
  ).toEqual({
    low: 1,
    high: 1,
    isTight: true,
  });
});

test("channels of all layers are tight if the smallest is more than half of the largest", () => {
  expect(importanceSpread([[0.51], [1]]).isTight).toBe(true);
  expect(importanceSpread([[0.5], [1]])).toEqual({ low: 0.5, high: 1, isTight: false });
  expect(importanceSpread([[0.05, 0.05], ones(18)]).isTight).toBe(false);
});

test("no channels, and channels of no importance, are not tight", () => {
  expect(importanceSpread([]).isTight).toBe(false);
  expect(importanceSpread([[0, 0, 0]]).isTight).toBe(false);
});
