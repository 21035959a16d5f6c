import { expect, test } from "vitest";
import { nearestFirst, nearestName } from "../../src/base/nearest-name.js";

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

test("the nearest names come first, and equally near ones keep their order", () => {
  const names = ["wbwtab", "nin_gc", "ninth", "nin"];
  expect(nearestFirst("nin", names)).toEqual(["nin", "ninth", "nin_gc", "wbwtab"]);
  expect(nearestFirst("lr", ["wd", "cp", "lr"])).toEqual(["lr", "wd", "cp"]);
});
