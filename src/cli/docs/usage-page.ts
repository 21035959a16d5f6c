import type { CommandDefinition } from "../command.js";
import { type ShownOption, shownOptions } from "../shown-option.js";

/** A text inside a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

const row = ({ flag, description, default: value, isNegatable }: ShownOption): string => {
  const opposite = isNegatable ? `, \`${flag.replace(/^--/, "--no-")}\`` : "";
  const shown = value === undefined ? "" : `\`${cell(value)}\``;
  return `| \`${flag.replaceAll("|", "\\|")}\`${opposite} | ${cell(description)} | ${shown} |`;
};

const table = (options: readonly ShownOption[]): string[] => [
  "| flag | what it does | default |",
  "|---|---|---|",
  ...options.map(row),
];

/** Options by the heading that help gives them, in its order. */
const groups = (options: readonly ShownOption[]): Map<string, ShownOption[]> => {
  const result = new Map<string, ShownOption[]>();
  for (const option of options) {
    const group = option.group ?? "Options";
    result.set(group, [...(result.get(group) ?? []), option]);
  }
  return result;
};

const section = ({ name, summary, examples, schema, arguments: given = [] }: CommandDefinition) => [
  `## qprune ${name}`,
  "",
  `${summary}.`,
  "",
  "```sh",
  ...examples.map((example) => `qprune ${example}`),
  "```",
  "",
  ...given.map(({ key, description }) => `- \`${key.toUpperCase()}\`: ${description}`),
  ...(given.length > 0 ? [""] : []),
  ...[...groups(shownOptions(schema))].flatMap(([group, options]) => [
    `**${group}**`,
    "",
    ...table(options),
    "",
  ]),
];

/** The page docs/usage.md: every command with its examples and the tables of its flags. */
export const usagePage = (commands: readonly CommandDefinition[]): string =>
  [
    "# All commands and flags",
    "",
    "Made from the commands' option schemas by `npm run docs`; `qprune COMMAND --help` prints the same. Flags may be",
    "written in kebab-case or snake_case. `qprune --version` prints the version.",
    "",
    ...commands.flatMap(section),
  ].join("\n");
