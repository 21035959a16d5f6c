import { expect, test } from "vitest";
import type { Comparison } from "../../../src/report/comparison/comparison.js";
import { comparisonText } from "../../../src/report/comparison/comparison-text.js";
import { madeUpComparison } from "./made-up-comparison.js";

const withImages = (change: object): Comparison => {
  const made = madeUpComparison();
  return { ...made, images: { ...made.images, ...change } as Comparison["images"] };
};

test("the text names the source of the images and on how many the nets disagree", () => {
  const text = comparisonText(withImages({ dataSet: "images", folder: "../photos" }));
  expect(text).toContain("The nets disagree on 321 of the 10000 test images of ../photos.");
  const same = comparisonText(withImages({ dataSet: "digits", changedCount: 0 }));
  expect(same).toContain("The nets agree on all 10000 test images of digits.");
});

test("the text lists what each net gained and lost, in eighty columns", () => {
  const text = comparisonText(madeUpComparison()).split("Compared with A:")[1] ?? "";
  expect(text).toContain("−1.00 points, not significant on 10000 test images");
  expect(text).toContain("packed 3 times smaller, MACs the same, peak 4 times smaller");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
