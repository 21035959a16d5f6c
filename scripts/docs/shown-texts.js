/** The heading of the table that lists an option. */
export const headingOf = ({ group }) => group ?? "Options";

/**
 * An English text of a command that people read.
 * @typedef {object} ShownText
 * @property {string} name the key of its translation, which the command may qualify (see joinTables)
 * @property {string} command
 * @property {string} text
 * @property {string} place as in `the description of qprune wqaq --lr <rate>`
 */

/** @returns {ShownText} */
export const summaryText = ({ name: command, summary }) => ({
  name: `summary:${command}`,
  command,
  text: summary,
  place: `the summary of qprune ${command}`,
});

/** @returns {ShownText} */
export const argumentText = ({ name: command }, { key, description }) => ({
  name: `argument:${key}`,
  command,
  text: description,
  place: `the argument ${key.toUpperCase()} of qprune ${command}`,
});

/** @returns {ShownText} */
export const headingText = ({ name: command }, heading) => ({
  name: `heading:${heading}`,
  command,
  text: heading,
  place: `a heading of qprune ${command}`,
});

/** @returns {ShownText} */
export const optionText = ({ name: command }, { key, flag, description }) => ({
  name: key,
  command,
  text: description,
  place: `the description of qprune ${command} ${flag}`,
});

const textsOf = (command) => [
  summaryText(command),
  ...(command.arguments ?? []).map((argument) => argumentText(command, argument)),
  ...command.options.flatMap((option) => [
    headingText(command, headingOf(option)),
    optionText(command, option),
  ]),
];

/** All texts of commands in the order of the page; one that several commands share comes once for each. */
export const shownTexts = (commands) => commands.flatMap(textsOf);
