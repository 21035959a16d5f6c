/** The heading of the table that lists an option. */
export const headingOf = ({ group }) => group ?? "Options";

const textsOf = ({ name, summary, options, arguments: given = [] }) => [
  { text: summary, place: `the summary of qprune ${name}` },
  ...given.map(({ key, description }) => ({
    text: description,
    place: `the argument ${key.toUpperCase()} of qprune ${name}`,
  })),
  ...options.flatMap((option) => [
    { text: headingOf(option), place: `a heading of qprune ${name}` },
    { text: option.description, place: `the description of qprune ${name} ${option.flag}` },
  ]),
];

/**
 * The English texts of commands that people read, with their places (`the description of qprune wqaq --lr <rate>`):
 * summaries, arguments, headings and descriptions of options, each text once, at its first place.
 */
export const shownTexts = (commands) => {
  const byText = new Map();
  for (const shown of commands.flatMap(textsOf)) {
    if (!byText.has(shown.text)) byText.set(shown.text, shown);
  }
  return [...byText.values()];
};
