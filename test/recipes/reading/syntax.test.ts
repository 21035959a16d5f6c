import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readRecipeText } from "../../../src/recipes/reading/read-recipe-text.js";
import { refusalOf } from "../recipe-text.js";

describe("what is no YAML is told in one line of plain words, where it begins", () => {
  test.each([
    ["a tab", "stages:\n\ta: {kind: train}\n", "2:1: a tab stands here. Indent by spaces."],
    ["a bracket that stays open", "stages:\n  a: {kind: train,\n  b: 1\n", "2:6: { is not closed."],
    ["a bracket open to the end", "stages:\n  a: [1,\n    [2, 3\n", "3:5: [ is not closed."],
    ["a quote that stays open", 'about: "x\nstages:\n  a: 1\n', '1:8: " is not closed.'],
    ["a bracket too many", "stages: {a: {kind: train}}}\n", "1:27: } does not belong here."],
    ["a comma too many", "a: {b: 1,, c: 2}\n", "1:10: , does not belong here."],
    ["a text with a colon", "about: this: that\n", "1:8: a map cannot begin here, behind its key."],
    ["a key in a line of its kind", "stages:\n  a: kind: train\n", "2:6: a map cannot begin here"],
    [
      "a line that is indented otherwise",
      "stages:\n  a:\n    kind: train\n   lr: 1\n",
      "4:1: this line begins in another column than those it belongs to.",
    ],
    ["a key without a colon", "about: x\nstages\nformat: 1\n", "2:1: behind this key a colon"],
    [
      "a key without a space",
      "about:x\nformat: 1\n",
      "1:1: behind this key a colon and a space are missing.",
    ],
    ["a letter of YAML's", "about: @x\n", "1:8: a text cannot begin with @. Put it in quotes."],
    ["no escape", 'folder: "C:\\qets"\n', "1:12: \\q means nothing within double quotes."],
    ["an apostrophe in quotes", "about: 'it's'\n", "1:12: this does not belong behind"],
    ["Windows line ends", "about: x\r\nstages:\r\n\ta: 1\r\n", "3:1: a tab stands here."],
  ])("%s", async (_, text, message) => {
    const said = await refusalOf(text);
    expect(said).toContain(`usage: recipe.yml:${message}`);
    expect(said).not.toContain("\n");
  });

  test("an unknown tag is told beside the rest", async () => {
    const text = "stages:\n  a: {kind: train, lr: !!js/function 0}\n";
    expect((await refusalOf(text)).split("\n")).toEqual([
      "usage: recipe.yml:2:24: unknown tag js/function. A recipe needs no tags.",
      expect.stringContaining("recipe.yml:2:38: lr: found 0, expected a number above 0."),
    ]);
  });
});

describe("what a recipe quotes", () => {
  test("does nothing to a terminal", async () => {
    const text = 'stages:\n  a: {kind: "\\e[31mred\\n", "\\x9b1m": 1}\n';
    expect(await refusalOf(text)).toMatch(/no stage of the kind \\x1b\[31mred\\n\./);
  });

  test("is shortened", async () => {
    const said = await refusalOf(`stages: {a: {kind: ${"x".repeat(3000)}}}`);
    expect(said).toMatch(/^usage: recipe\.yml:1:20: there is no stage of the kind x+ … x+\. /);
    expect(said.length).toBeLessThan(800);
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
      "that ends within a letter",
      Buffer.from("a: \u00e9\u00e9").subarray(0, 6),
      "r.yml:1:5: a UTF-8 character is damaged here.",
    ],
  ])("%s is refused", async (_, bytes, message) => {
    await expect(readRecipeText(put(bytes))).rejects.toThrow(message);
  });

  test("of UTF-16 is read, whatever its byte order, with and without a byte order mark", async () => {
    const text = "about: caf\u00e9 \u7f51\nstages: {a: {kind: train}}\n";
    for (const written of [text, `\ufeff${text}`]) {
      const bytes = Buffer.from(written, "utf16le");
      expect(await readRecipeText(put(bytes))).toBe(written);
      expect(await readRecipeText(put(bytes.swap16()))).toBe(written);
      expect(await refusalOf(written)).toBe("taken");
    }
  });

  test("of UTF-8 is read, also with a byte order mark and a letter that stands for a wrong one", async () => {
    const text = "\ufeffabout: caf\u00e9 \ufffd \u{1f600}\n";
    expect(await readRecipeText(put(text))).toBe(text);
  });
});
