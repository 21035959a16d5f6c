import { expect, test } from "vitest";
import { usageError } from "../../../src/base/errors.js";
import { option } from "../../../src/base/option-reference.js";
import { CIFAR } from "../../../src/data/cifar/cifar.js";
import { noCifarError } from "../../../src/data/cifar/cifar-errors.js";
import { plainProblem } from "../../../src/recipes/options/plain-problem.js";

test("an error names options as recipes do, and leaves dashes in names of files alone", () => {
  const error = usageError(`No images in runs/ --old.`, `Check ${option("val_split")}.`);
  expect(plainProblem(error)).toEqual({
    message: "No images in runs/ --old.",
    hint: "Check val_split.",
  });
});

test("advice is in terms of a recipe's options", async () => {
  const cifar = CIFAR.cifar10;
  const { hint } = plainProblem(await noCifarError(cifar, "nowhere", ["data_batch_1.bin"]));
  expect(hint).toMatch(/^Add download: true to fetch it, or unpack cifar-10-binary\.tar\.gz /);
  expect(hint).toContain("dataset: digits works at once");
  expect(hint).not.toContain("--");
});
