import { expect, test } from "vitest";
import type { Comparison } from "../../src/report/comparison/comparison.js";
import { comparisonText } from "../../src/report/comparison/comparison-text.js";
import { madeUpComparison } from "./made-up-comparison.js";

const withImages = (told: object): Comparison => {
  const made = madeUpComparison();
  return { ...made, images: { ...made.images, ...told } as Comparison["images"] };
};

test("a terminal is told where the images are from, and on how many the nets disagree", () => {
  const told = comparisonText(withImages({ dataSet: "images", folder: "../photos" }));
  expect(told).toContain("The nets disagree on 321 of the 10000 test images of ../photos.");
  const same = comparisonText(withImages({ dataSet: "digits", changedCount: 0 }));
  expect(same).toContain("The nets agree on all 10000 test images of digits.");
});

test("a terminal is told what each net gained and lost, in eighty columns", () => {
  const told = comparisonText(madeUpComparison()).split("Compared with A:")[1] ?? "";
  expect(told).toContain("−1.00 points, within chance of 10000 test images");
  expect(told).toContain("packed 3 times smaller, MACs the same, peak 4 times smaller");
  for (const line of told.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
