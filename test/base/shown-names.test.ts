import { expect, test } from "vitest";
import { shownNames } from "../../src/base/shown-names.js";

test("of many names the first ones are shown, and how many more there are", () => {
  expect(shownNames(["a", "b"])).toBe("a, b");
  expect(shownNames(["a", "b", "c", "d", "e", "f", "g"])).toBe("a, b, c, d, e and 2 more");
});

test("what cannot be seen in a name is escaped", () => {
  expect(shownNames(["\u001b]0;x\u0007", "\u202egnp"])).toBe("\\x1b]0;x\\x07, \\u202egnp");
});
