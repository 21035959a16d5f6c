import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readRecipeText } from "../../../src/recipes/reading/read-recipe-text.js";
import { refusalOf } from "../recipe-text.js";

describe("a syntax error is reported in one plain line, where it starts:", () => {
  test.each([
    ["a tab", "stages:\n\ta: {kind: train}\n", "2:1: unexpected tab. Indent with spaces."],
    ["an unclosed bracket", "stages:\n  a: {kind: train,\n  b: 1\n", "2:6: { is not closed."],
    [
      "a bracket open to the end of the text",
      "stages:\n  a: [1,\n    [2, 3\n",
      "3:5: [ is not closed.",
    ],
    ["an unclosed quote", 'about: "x\nstages:\n  a: 1\n', '1:8: " is not closed.'],
    ["a bracket too many", "stages: {a: {kind: train}}}\n", "1:27: unexpected }."],
    ["a comma too many", "a: {b: 1,, c: 2}\n", "1:10: unexpected ,."],
    ["text with a colon", "about: this: that\n", "1:8: a map cannot start on the line of its key."],
    ["a stage on the line of its name", "stages:\n  a: kind: train\n", "2:6: a map cannot start"],
    [
      "a line with other indentation",
      "stages:\n  a:\n    kind: train\n   lr: 1\n",
      "4:1: this line is indented differently from the lines it belongs with.",
    ],
    ["a key without a colon", "about: x\nstages\nformat: 1\n", "2:1: a colon and a space"],
    [
      "a key without a space",
      "about:x\nformat: 1\n",
      "1:1: a colon and a space are missing after this key.",
    ],
    ["a reserved character", "about: @x\n", "1:8: unquoted text cannot start with @. Put it in"],
    ["an unknown escape", 'folder: "C:\\qets"\n', "1:12: \\q is not an escape sequence."],
    ["an apostrophe in quotes", "about: 'it's'\n", "1:12: unexpected text after the value."],
    ["a tab after Windows line ends", "about: x\r\nstages:\r\n\ta: 1\r\n", "3:1: unexpected tab."],
  ])("%s", async (_, text, message) => {
    const refusal = await refusalOf(text);
    expect(refusal).toContain(`usage: recipe.yml:${message}`);
    expect(refusal).not.toContain("\n");
  });

  test("an unknown tag is reported with other problems", async () => {
    const text = "stages:\n  a: {kind: train, lr: !!js/function 0}\n";
    expect((await refusalOf(text)).split("\n")).toEqual([
      "usage: recipe.yml:2:24: unknown tag js/function. Recipes need no tags.",
      expect.stringContaining("recipe.yml:2:38: lr: found 0, expected a number above 0, or auto."),
    ]);
  });
});

describe("text quoted from a recipe", () => {
  test("is shown without control characters", async () => {
    const text = 'stages:\n  a: {kind: "\\e[31mred\\n", "\\x9b1m": 1}\n';
    expect(await refusalOf(text)).toMatch(/unknown stage kind \\x1b\[31mred\\n\./);
  });

  test("is shortened", async () => {
    const refusal = await refusalOf(`stages: {a: {kind: ${"x".repeat(3000)}}}`);
    expect(refusal).toMatch(/^usage: recipe\.yml:1:20: unknown stage kind x+ … x+\. /);
    expect(refusal.length).toBeLessThan(800);
  });
});

describe("a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-text-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const put = (bytes: string | Buffer): string => {
    const path = join(folder, "r.yml");
    writeFileSync(path, bytes);
    return path;
  };

  test.each([
    [
      "in Latin-1",
      Buffer.from("about: x\nfolder: caf\xe9\n", "latin1"),
      "r.yml:2:12: this is not UTF-8; it looks like Latin-1.",
    ],
    [
      "in UTF-16 without its last byte",
      Buffer.from("about: x\n", "utf16le").subarray(0, 17),
      "r.yml:1:9: it looks like UTF-16LE, but is damaged here.",
    ],
    [
      "that ends within a character",
      Buffer.from("a: \u00e9\u00e9").subarray(0, 6),
      "r.yml:1:5: a UTF-8 character is damaged here.",
    ],
  ])("%s is refused", async (_, bytes, message) => {
    await expect(readRecipeText(put(bytes))).rejects.toThrow(message);
  });

  test("in UTF-16 is read in either byte order, with and without a byte order mark", async () => {
    const text = "about: caf\u00e9 \u7f51\nstages: {a: {kind: train}}\n";
    for (const written of [text, `\ufeff${text}`]) {
      const bytes = Buffer.from(written, "utf16le");
      expect(await readRecipeText(put(bytes))).toBe(written);
      expect(await readRecipeText(put(bytes.swap16()))).toBe(written);
      expect(await refusalOf(written)).toBe("accepted");
    }
  });

  test("in UTF-8 is read, also with a byte order mark and a replacement character", async () => {
    const text = "\ufeffabout: caf\u00e9 \ufffd \u{1f600}\n";
    expect(await readRecipeText(put(text))).toBe(text);
  });
});
