import { expect, test } from "vitest";
import { compareLogits } from "../../src/bnmerge/compare-nets.js";

test("the agreement counts equal predictions and has the largest difference", () => {
  expect(compareLogits([1, 2, 5, 4], [1, 3, 4, 5], 2)).toEqual({
    inputs: 2,
    equalChoices: 1,
    largestDifference: 1,
    largestLogit: 5,
  });
});
