import { argumentText, headingOf, headingText, optionText, summaryText } from "./shown-texts.js";
import { findTranslation } from "./translations.js";

/** A text of a command in the page's language; in English where it has no translation (see translationProblems). */
const inLanguage = (shown, { translations }) =>
  (translations && findTranslation(translations, shown)?.translation) ?? shown.text;

/** A text inside a cell of a table. */
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

const row = (command, option, language) => {
  const { flag, default: preset, isNegatable } = option;
  const opposite = isNegatable ? `, \`${flag.replace(/^--/, "--no-")}\`` : "";
  const value = preset === undefined ? "" : `\`${cell(preset)}\``;
  const text = cell(inLanguage(optionText(command, option), language));
  return `| \`${flag.replaceAll("|", "\\|")}\`${opposite} | ${text} | ${value} |`;
};

const table = (command, options, language) => [
  `| ${language.columns.join(" | ")} |`,
  "|---|---|---|",
  ...options.map((option) => row(command, option, language)),
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
  const { name, alias, examples, options, arguments: given = [] } = command;
  return [
    `## qprune ${name}`,
    "",
    `${inLanguage(summaryText(command), language)}${language.fullStop}`,
    ...(alias === undefined ? [] : ["", `${language.alias}${language.colon}\`qprune ${alias}\``]),
    "",
    "```sh",
    ...examples.map((example) => `qprune ${example}`),
    "```",
    "",
    ...given.map((argument) => {
      const text = inLanguage(argumentText(command, argument), language);
      return `- \`${argument.key.toUpperCase()}\`${language.colon}${text}`;
    }),
    ...(given.length > 0 ? [""] : []),
    ...[...groups(options)].flatMap(([heading, group]) => [
      `**${inLanguage(headingText(command, heading), language)}**`,
      "",
      ...table(command, group, language),
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
