import { describe, expect, test } from "vitest";
import { hasPartWord, partUse } from "../../../../src/data/image-folders/listing/part-words.js";

describe("the folder of a part is known by its name", () => {
  test.each([
    ...["train", "Train", "TRAINING", "training_set", "train-images", "trainset", "训练集"].map(
      (name) => [name, "train"] as const,
    ),
    ...["val", "valid", "Validation", "dev", "eval_data"].map((name) => [name, "val"] as const),
    ...["test", "Testing", "test_set", "测试"].map((name) => [name, "test"] as const),
  ])("%s is for %s", (name, use) => {
    expect(partUse(name)).toBe(use);
  });

  test.each(["trainer", "cat", "station", "set", "images", "contest", "constructor", "集"])(
    "%s is none",
    (name) => {
      expect(partUse(name)).toBeUndefined();
    },
  );

  test("and one that only contains such a word is noticed", () => {
    expect(["seg_train", "my-test", "2024 validation"].every(hasPartWord)).toBe(true);
    expect(["strainer", "protest", "cat_1"].some(hasPartWord)).toBe(false);
  });
});
