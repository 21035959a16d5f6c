import { describe, expect, test } from "vitest";
import { jsonText } from "../../src/core/json-text.js";

describe("a value as JSON", () => {
  const names = [
    "\u001b[31m",
    "\u009b2J",
    "\u202egnp.exe",
    "\u2028",
    "a\u{e0041}b",
    "caf\u00e9 \u732b",
  ];

  test("has nothing in it that a terminal obeys or that turns text around", () => {
    expect(jsonText(names)).toBe(
      String.raw`["\u001b[31m","\u009b2J","\u202egnp.exe","\u2028","a\udb40\udc41b","caf\u00e9 \u732b"]`
        .replace(String.raw`\u00e9`, "\u00e9")
        .replace(String.raw`\u732b`, "\u732b"),
    );
  });

  test("reads as the same value", () => {
    expect(JSON.parse(jsonText({ names }))).toEqual({ names });
  });
});
