import { expect, test } from "vitest";
import { usageError } from "../../../src/base/errors.js";
import { option } from "../../../src/base/option-reference.js";
import { plainProblem } from "../../../src/recipes/options/plain-options.js";

test("an error names options as recipes do, and leaves dashes in names of files alone", () => {
  const error = usageError(`No images in runs/ --old.`, `Check ${option("val_split")}.`);
  expect(plainProblem(error)).toEqual({
    message: "No images in runs/ --old.",
    hint: "Check val_split.",
  });
});
