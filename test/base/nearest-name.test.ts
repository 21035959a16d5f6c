import { expect, test } from "vitest";
import { nearestName } from "../../src/base/nearest-name.js";

test.each([
  ["epoch", "epochs"],
  ["train_limt", "train-limit"],
  ["wbits", "Wbits"],
  ["x", undefined],
  ["b", undefined],
  ["nothing-like-it", undefined],
])("%s is taken for %s", (name, nearest) => {
  expect(nearestName(name, ["epochs", "train-limit", "Wbits", "lr", "a"])).toBe(nearest);
});
