import { describe, expect, test } from "vitest";
import { jsonText, quoted, visibleLines, visibleText } from "../../src/base/visible-text.js";

/** ANSI, OSC, C1, bidi marks, a zero width space's relatives, line ends of all kinds. */
const HOSTILE = [
  "\u001b[31mred",
  "\u001b]0;title\u0007",
  "\u009b31m",
  "\u202egnp.exe",
  "\u2066x\u2069",
  "\u200bzero\u200d",
  "a\r\nb\u2028c\u2029d",
  "nul\0del\u007f",
  "\u{e0041}tag",
  "\ufeffmark",
];
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe("a text from a file has nothing that cannot be seen", () => {
  test.each(HOSTILE)("%j", (text) => {
    expect(visibleText(text)).not.toMatch(UNSEEN);
    expect(quoted(text)).not.toMatch(UNSEEN);
    expect(visibleLines(text).replaceAll(/[\n\t]/g, "")).not.toMatch(UNSEEN);
  });

  test("as JSON, which reads as the same value", () => {
    const value = { [HOSTILE[0] as string]: HOSTILE, plain: "größe 中文 \u{1f600}" };
    for (const indent of [undefined, 2]) {
      const json = jsonText(value, indent);
      expect(json.replaceAll("\n", "")).not.toMatch(UNSEEN);
      expect(JSON.parse(json)).toEqual(value);
    }
    expect(jsonText("größe")).toBe('"größe"');
  });

  test("and what can be seen stays as it is", () => {
    for (const text of ["größe 中文", "\u{1f600}", `<a href="x">&'`]) {
      expect([visibleText(text), visibleLines(text)]).toEqual([text, text]);
    }
    expect(visibleLines("a\n\tb")).toBe("a\n\tb");
  });

  test("a quoted text is short", () => {
    expect(quoted("x".repeat(10_000)).length).toBeLessThan(100);
  });
});
