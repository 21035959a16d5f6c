import { expect, test } from "vitest";
import { shortNames } from "../../src/report/comparison/page/short-names.js";

test("files of one name are told apart by as many folders as it takes", () => {
  expect(shortNames(["m/prune/nin.pth", "m/wqaq/nin.pth", "m/wqaq/float.pth"])).toEqual([
    "prune/nin.pth",
    "wqaq/nin.pth",
    "float.pth",
  ]);
  expect(shortNames(["nin.pth", "old/nin.pth"])).toEqual(["nin.pth", "old/nin.pth"]);
  expect(shortNames(["a/nin.pth", "a/nin.pth"])).toEqual(["nin.pth", "nin.pth"]);
});
