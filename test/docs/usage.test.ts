import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chinese } from "../../scripts/docs/chinese.js";
import { languages } from "../../scripts/docs/languages.js";
import { translationProblems } from "../../scripts/docs/translation-problems.js";
import { usagePage } from "../../scripts/docs/usage-page.js";
import { readTranscripts } from "../../scripts/lib/transcripts.js";
import { loadCommands } from "../../src/cli/commands.js";
import { shownCommand } from "./shown-command.js";

const definitions = await loadCommands();

/** Flags, numbers, names of files and folders, placeholders: what is written alike in every language. */
const UNTRANSLATED = /(?<!\w)--?[a-z][\w-]*|\w*(?:[./_][\w-]+)+\/?|\w+\/|\d+(?:\.\d+)?|<\w+>/gi;

const projectFile = (path: string): URL => new URL(`../../${path}`, import.meta.url);

const commands = definitions.map(shownCommand);

for (const language of languages) {
  test(`docs/${language.file} is what the option schemas say (npm run docs writes it)`, () => {
    expect(readFileSync(projectFile(`docs/${language.file}`), "utf8")).toBe(
      usagePage(commands, language, readTranscripts()),
    );
  });

  test(`every text has a current translation for docs/${language.file}, and none is of a text that is gone`, () => {
    expect(translationProblems(commands, language), "npm run docs prints what to correct").toEqual(
      [],
    );
  });
}

test("texts of one option differ between its keys: what is the same shares one translation", () => {
  const keys = new Map<string, string>();
  for (const { key, tableKey, english } of chinese.translations?.values() ?? []) {
    const text = `${key.replace(/@.*/, "")}: ${english}`;
    expect(keys.get(text) ?? tableKey, text).toBe(tableKey);
    keys.set(text, tableKey);
  }
  expect(keys.size).toBeGreaterThan(0);
});

test("translations are one line and keep flags, numbers and names of files", () => {
  for (const { english, translation } of chinese.translations?.values() ?? []) {
    expect(translation, english).toMatch(/^\S.*\S$/);
    for (const [word] of english.matchAll(UNTRANSLATED)) {
      expect(translation, english).toContain(word);
    }
  }
});

const CHINESE_PAGES = ["README.zh-CN.md", "docs/usage.zh-CN.md"];
test("in Chinese, accuracy is 准确率 and a flag 选项; 精度 is precision and 参数 a weight", () => {
  for (const page of CHINESE_PAGES) {
    const text = readFileSync(projectFile(page), "utf8");
    expect(text, page).toContain("准确率");
    expect(text.match(/.{0,9}(?<!全)精度/g), page).toBeNull();
    expect(text.match(/.{0,9}(?<!可训练)参数(?!量)/g), page).toBeNull();
  }
});

test("the package ships no translations: nothing in src imports from scripts", () => {
  const importers = readdirSync(projectFile("src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .filter((name) => /"[./]+\/scripts\//.test(readFileSync(projectFile(`src/${name}`), "utf8")));
  expect(importers).toEqual([]);
  const { files } = JSON.parse(readFileSync(projectFile("package.json"), "utf8"));
  expect(files).toContain("dist");
  expect(files).not.toContain("scripts");
});

test("every command has two examples, and each begins with its name", () => {
  for (const { name, examples } of commands) {
    expect(examples.length, name).toBeGreaterThanOrEqual(2);
    for (const example of examples) expect(example.split(" ")[0], example).toBe(name);
  }
});
