import { headingOf } from "./shown-texts.js";

/** A text of the commands in the page's language; in English where it has no translation (see translationProblems). */
const inLanguage = (text, { translations }) => translations?.[text] ?? text;

/** A text inside a cell of a table. */
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

const row = (option, language) => {
  const { flag, description, default: value, isNegatable } = option;
  const opposite = isNegatable ? `, \`${flag.replace(/^--/, "--no-")}\`` : "";
  const shown = value === undefined ? "" : `\`${cell(value)}\``;
  const text = cell(inLanguage(description, language));
  return `| \`${flag.replaceAll("|", "\\|")}\`${opposite} | ${text} | ${shown} |`;
};

const table = (options, language) => [
  `| ${language.columns.join(" | ")} |`,
  "|---|---|---|",
  ...options.map((option) => row(option, language)),
];

/** Options by their headings, in the order of the help. */
const groups = (options) => {
  const result = new Map();
  for (const option of options) {
    const heading = headingOf(option);
    result.set(heading, [...(result.get(heading) ?? []), option]);
  }
  return result;
};

const section = (command, language, printed) => {
  const { name, summary, examples, options, arguments: given = [] } = command;
  return [
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
    ...[...groups(options)].flatMap(([heading, group]) => [
      `**${inLanguage(heading, language)}**`,
      "",
      ...table(group, language),
      "",
    ]),
    ...(printed === undefined
      ? []
      : [`**${language.printed}**`, "", "```text", printed.trimEnd(), "```", ""]),
  ];
};

/**
 * The page of all commands, docs/usage.md in English: examples, tables of flags, and what a call printed, by the name of
 * its command.
 */
export const usagePage = (commands, language, printed) =>
  [
    `# ${language.title}`,
    "",
    ...language.introduction,
    "",
    ...commands.flatMap((command) => section(command, language, printed[command.name])),
  ].join("\n");
