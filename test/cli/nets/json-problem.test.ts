import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonProblem } from "../../../src/workflows/nets/json-problem.js";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("the first syntax error in a JSON text", () => {
  test.each([
    ['{"a": 1,}', 1, 9, "a name in double quotes"],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, "a comma or }"],
    ['{\n  // widths\n  "a": 1\n}', 2, 3, "a name in double quotes or }"],
    ["[1, 2,\n]", 2, 1, "a value"],
    ["[1 2]", 1, 4, "a comma or ]"],
    ["{a: 1}", 1, 2, "a name in double quotes or }"],
    ['{"a" 1}', 1, 6, "a colon"],
    ['{"a": nine}', 1, 7, "a value"],
    ['{"a": "x\n}', 1, 7, "a string that ends in a double quote on the same line"],
    ['{"a": [1}', 1, 9, "a comma or ]"],
    ['{"a": 01}', 1, 8, "a comma or }"],
    ['{"a": 1', 1, 8, "a comma or }"],
    ["{} {}", 1, 4, "the end of the file"],
    ["]", 1, 1, "a value"],
    ["", 1, 1, "a value"],
  ])("of %j", (text, line, column, expected) => {
    expect(isJson(text)).toBe(false);
    expect(jsonProblem(text)).toEqual({ line, column, expected });
  });

  test("is found in a text of nothing but open brackets", () => {
    expect(jsonProblem("[".repeat(1_000_000))).toMatchObject({ column: 1_000_001 });
  });

  test("is found exactly when JSON.parse finds one", () => {
    const change = fc.record({
      at: fc.nat(),
      put: fc.constantFrom("", ",", "}", "]", '"', "1", ":"),
    });
    fc.assert(
      fc.property(fc.json(), fc.option(change), (json, edit) => {
        const at = edit ? edit.at % (json.length + 1) : 0;
        const text = edit ? json.slice(0, at) + edit.put + json.slice(at + 1) : json;
        expect(jsonProblem(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });
});
