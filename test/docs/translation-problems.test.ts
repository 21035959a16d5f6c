import { expect, test } from "vitest";
import { z } from "zod";
import { chinese } from "../../scripts/docs/chinese.js";
import { translationProblems } from "../../scripts/docs/translation-problems.js";
import { joinTables, type TranslationTable } from "../../scripts/docs/translations.js";
import { type ShownCommand, usagePage } from "../../scripts/docs/usage-page.js";
import { flag } from "../../src/options/flag.js";
import { shownCommand } from "./shown-command.js";

const tune = (summary: string, description: string, name = "tune"): ShownCommand =>
  shownCommand({
    name,
    group: "Train",
    summary,
    examples: [],
    arguments: [{ key: "file", description: "the net" }],
    schema: z.object({
      lr: flag(z.number(), {
        flag: "--lr <rate>",
        effect: "result",
        description,
        group: "Training",
      }),
    }),
    run: async () => {},
  });

const TABLE: TranslationTable = {
  "summary:tune": { english: "Tune a net", translation: "微调网络" },
  "argument:file": { english: "the net", translation: "网络" },
  "heading:Training": { english: "Training", translation: "训练" },
  lr: { english: "step size", translation: "步长" },
};

const languageOf = (...tables: TranslationTable[]) => ({
  ...chinese,
  translations: joinTables(...tables),
});

const problemsWith = (command: ShownCommand, ...tables: TranslationTable[]) =>
  translationProblems([command], languageOf(...tables));

test("a missing translation is named with its key and place, and so is one of a text that is gone", () => {
  expect(problemsWith(tune("Tune a net", "step size"), {})).toEqual([
    "docs/usage.zh-CN.md: summary:tune has no translation: the summary of qprune tune\n  English: Tune a net",
    "docs/usage.zh-CN.md: argument:file has no translation: the argument FILE of qprune tune\n  English: the net",
    "docs/usage.zh-CN.md: heading:Training has no translation: a heading of qprune tune\n  English: Training",
    "docs/usage.zh-CN.md: lr has no translation: the description of qprune tune --lr <rate>\n  English: step size",
  ]);
  const rate = { rate: { english: "the rate", translation: "学习率" } };
  expect(problemsWith(tune("Tune a net", "step size"), TABLE, rate)).toEqual([
    "docs/usage.zh-CN.md: rate has a translation, but no command shows it\n  English: the rate",
  ]);
});

test("a changed English text keeps its translation, which is reported with the text before and after", () => {
  const changed = tune("Tune a net", "size of a step");
  expect(problemsWith(changed, TABLE)).toEqual([
    [
      "docs/usage.zh-CN.md: look at the translation of lr again, its English changed: the description of qprune tune --lr <rate>",
      "  was: step size",
      "  is: size of a step",
      "  translation: 步长",
    ].join("\n"),
  ]);
  expect(usagePage([changed], languageOf(TABLE), {})).toContain("| `--lr <rate>` | 步长 |");
});

test("a text that two commands share is reported once when it changes in both", () => {
  const both = [tune("Tune a net", "step"), tune("Tune a net", "step", "retune")];
  const retune = { "summary:retune": { english: "Tune a net", translation: "微调网络" } };
  const problems = translationProblems(both, languageOf(TABLE, retune));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("translation of lr again");
});

test("a text that changes in one of its commands needs a key of its own, which then translates it", () => {
  const both = [tune("Tune a net", "step size"), tune("Tune a net", "first step", "retune")];
  const retune = { "summary:retune": { english: "Tune a net", translation: "微调网络" } };
  const [problem, ...others] = translationProblems(both, languageOf(TABLE, retune));
  expect(problem).toContain("the description of qprune retune --lr <rate>");
  expect(problem).toMatch(/add lr@retune\.$/);
  expect(others).toEqual([]);

  const own = { "lr@retune": { english: "first step", translation: "首步步长" } };
  const language = languageOf(TABLE, retune, own);
  expect(translationProblems(both, language)).toEqual([]);
  const page = usagePage(both, language, {});
  expect(page).toContain("| `--lr <rate>` | 步长 |");
  expect(page).toContain("| `--lr <rate>` | 首步步长 |");
});

test("a key that lists commands translates the text of each, and names the one that lost it", () => {
  const { lr, ...others } = TABLE;
  if (!lr) throw new Error("The table has no lr.");
  const problems = problemsWith(tune("Tune a net", "step size"), others, { "lr@tune,prune": lr });
  expect(problems).toEqual([
    "docs/usage.zh-CN.md: lr@prune has a translation, but no command shows it\n  English: step size",
  ]);
});

test("two translations of one key are refused", () => {
  expect(() => joinTables(TABLE, TABLE)).toThrow("Two translations have the key summary:tune.");
});
