import type { CommandDefinition } from "../command.js";
import { type ShownOption, shownOptions } from "../shown-option.js";
import type { PageLanguage } from "./page-language.js";
import { headingOf } from "./shown-texts.js";

/** A text of the commands in the page's language; in English where it has no translation (see translationProblems). */
const inLanguage = (text: string, { translations }: PageLanguage): string =>
  translations?.[text] ?? text;

/** A text inside a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

const row = (option: ShownOption, language: PageLanguage): string => {
  const { flag, description, default: value, isNegatable } = option;
  const opposite = isNegatable ? `, \`${flag.replace(/^--/, "--no-")}\`` : "";
  const shown = value === undefined ? "" : `\`${cell(value)}\``;
  const text = cell(inLanguage(description, language));
  return `| \`${flag.replaceAll("|", "\\|")}\`${opposite} | ${text} | ${shown} |`;
};

const table = (options: readonly ShownOption[], language: PageLanguage): string[] => [
  `| ${language.columns.join(" | ")} |`,
  "|---|---|---|",
  ...options.map((option) => row(option, language)),
];

/** Options by the heading that help gives them, in its order. */
const groups = (options: readonly ShownOption[]): Map<string, ShownOption[]> => {
  const result = new Map<string, ShownOption[]>();
  for (const option of options) {
    const heading = headingOf(option);
    result.set(heading, [...(result.get(heading) ?? []), option]);
  }
  return result;
};

const section = (
  { name, summary, examples, schema, arguments: given = [] }: CommandDefinition,
  language: PageLanguage,
  printed: string | undefined,
): string[] => [
  `## qprune ${name}`,
  "",
  `${inLanguage(summary, language)}${language.fullStop}`,
  "",
  "```sh",
  ...examples.map((example) => `qprune ${example}`),
  "```",
  "",
  ...given.map(
    ({ key, description }) =>
      `- \`${key.toUpperCase()}\`${language.colon}${inLanguage(description, language)}`,
  ),
  ...(given.length > 0 ? [""] : []),
  ...[...groups(shownOptions(schema))].flatMap(([heading, options]) => [
    `**${inLanguage(heading, language)}**`,
    "",
    ...table(options, language),
    "",
  ]),
  ...(printed === undefined
    ? []
    : [`**${language.printed}**`, "", "```text", printed.trimEnd(), "```", ""]),
];

/**
 * The page of all commands, docs/usage.md in English: examples, tables of flags, and what a call printed, by the name of
 * its command.
 */
export const usagePage = (
  commands: readonly CommandDefinition[],
  language: PageLanguage,
  printed: Readonly<Record<string, string>>,
): string =>
  [
    `# ${language.title}`,
    "",
    ...language.introduction,
    "",
    ...commands.flatMap((command) => section(command, language, printed[command.name])),
  ].join("\n");
