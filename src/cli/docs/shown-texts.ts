import type { CommandDefinition } from "../command.js";
import { type ShownOption, shownOptions } from "../shown-option.js";

/** The heading that an option stands under. */
export const headingOf = ({ group }: ShownOption): string => group ?? "Options";

/** An English text of a command that people read, and where it stands. */
interface ShownText {
  readonly text: string;
  /** As in `the description of qprune wqaq --lr <rate>`. */
  readonly place: string;
}

const textsOf = ({ name, summary, schema, arguments: given = [] }: CommandDefinition) => [
  { text: summary, place: `the summary of qprune ${name}` },
  ...given.map(({ key, description }) => ({
    text: description,
    place: `the argument ${key.toUpperCase()} of qprune ${name}`,
  })),
  ...shownOptions(schema).flatMap((option) => [
    { text: headingOf(option), place: `a heading of qprune ${name}` },
    { text: option.description, place: `the description of qprune ${name} ${option.flag}` },
  ]),
];

/** Summaries, arguments, headings and descriptions of options, each text once, where it stands first. */
export const shownTexts = (commands: readonly CommandDefinition[]): ShownText[] => {
  const byText = new Map<string, ShownText>();
  for (const shown of commands.flatMap(textsOf)) {
    if (!byText.has(shown.text)) byText.set(shown.text, shown);
  }
  return [...byText.values()];
};
