import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { chinese } from "../../scripts/docs/chinese.js";
import { languages } from "../../scripts/docs/languages.js";
import { translationProblems } from "../../scripts/docs/translation-problems.js";
import { type ShownCommand, usagePage } from "../../scripts/docs/usage-page.js";
import { readTranscripts } from "../../scripts/lib/transcripts.js";
import type { CommandDefinition } from "../../src/cli/command.js";
import { commands as definitions } from "../../src/cli/commands.js";
import { shownOptions } from "../../src/cli/shown-option.js";
import { flag } from "../../src/options/flag.js";

/** Flags, numbers, names of files and folders, placeholders: what is written alike in every language. */
const UNTRANSLATED = /(?<!\w)--?[a-z][\w-]*|\w*(?:[./_][\w-]+)+\/?|\w+\/|\d+(?:\.\d+)?|<\w+>/gi;

const projectFile = (path: string): URL => new URL(`../../${path}`, import.meta.url);

const shown = (definition: CommandDefinition): ShownCommand => ({
  ...definition,
  options: shownOptions(definition.schema),
});

const commands = definitions.map(shown);

for (const language of languages) {
  test(`docs/${language.file} is what the option schemas say (npm run docs writes it)`, () => {
    expect(readFileSync(projectFile(`docs/${language.file}`), "utf8")).toBe(
      usagePage(commands, language, readTranscripts()),
    );
  });

  test(`every text has a translation for docs/${language.file}, and none is of a text that is gone`, () => {
    expect(
      translationProblems(commands, language),
      "Keys are the English texts (scripts/docs/chinese/); npm run docs then writes the page.",
    ).toEqual([]);
  });
}

test("a missing translation is named with its place, and so is one of a text that is gone", () => {
  const tune: CommandDefinition = {
    name: "tune",
    summary: "Tune a net",
    examples: [],
    arguments: [{ key: "file", description: "the net" }],
    schema: z.object({
      lr: flag(z.number(), { flag: "--lr <rate>", description: "step size", group: "Training" }),
    }),
    run: async () => {},
  };
  const problemsWith = (translations: Record<string, string>) =>
    translationProblems([shown(tune)], { ...chinese, translations });
  expect(problemsWith({})).toEqual([
    'usage.zh-CN.md: no translation of the summary of qprune tune: "Tune a net"',
    'usage.zh-CN.md: no translation of the argument FILE of qprune tune: "the net"',
    'usage.zh-CN.md: no translation of a heading of qprune tune: "Training"',
    'usage.zh-CN.md: no translation of the description of qprune tune --lr <rate>: "step size"',
  ]);
  const translated = { "Tune a net": "微调网络", "the net": "网络", "step size": "步长" };
  expect(problemsWith({ ...translated, Training: "训练", "the rate": "学习率" })).toEqual([
    'usage.zh-CN.md: a translation of a text that is gone: "the rate"',
  ]);
});

test("translations are one line and keep flags, numbers and names of files", () => {
  for (const [text, translation] of Object.entries(chinese.translations ?? {})) {
    expect(translation, text).toMatch(/^\S.*\S$/);
    for (const [word] of text.matchAll(UNTRANSLATED)) expect(translation, text).toContain(word);
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
