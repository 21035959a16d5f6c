import { expect, test } from "vitest";
import { shortNames } from "../../../../src/report/comparison/page/short-names.js";

test("files with the same name are distinguished by as many folders as necessary", () => {
  expect(shortNames(["m/prune/nin.pth", "m/wqaq/nin.pth", "m/wqaq/float.pth"])).toEqual([
    "prune/nin.pth",
    "wqaq/nin.pth",
    "float.pth",
  ]);
  expect(shortNames(["nin.pth", "old/nin.pth"])).toEqual(["nin.pth", "old/nin.pth"]);
  expect(shortNames(["a/nin.pth", "a/nin.pth"])).toEqual(["nin.pth", "nin.pth"]);
});
