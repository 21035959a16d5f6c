import { shownTexts } from "./shown-texts.js";
import { findTranslation } from "./translations.js";

const missing = ({ name, place, text }) =>
  [`${name} has no translation: ${place}`, `  English: ${text}`].join("\n");

const outdated = ({ name, place, text, entry, commands }, isShownElsewhere) =>
  [
    `look at the translation of ${entry.tableKey} again, its English changed: ${place}`,
    `  was: ${entry.english}`,
    `  is: ${text}`,
    `  translation: ${entry.translation}`,
    ...(isShownElsewhere
      ? [`  Other commands still show what it was; add ${name}@${commands.join(",")}.`]
      : []),
  ].join("\n");

const unused = ({ key, english }) =>
  [`${key} has a translation, but no command shows it`, `  English: ${english}`].join("\n");

/** Texts that several commands share, each once, at its first place. */
const groupShared = (shown) => {
  const groups = new Map();
  for (const text of shown) {
    const id = JSON.stringify([text.name, text.entry?.tableKey, text.text]);
    const group = groups.get(id) ?? { ...text, commands: [] };
    groups.set(id, { ...group, commands: [...group.commands, text.command] });
  }
  return [...groups.values()];
};

/** What to do about a language's translations: those that are missing, whose English changed, or that nothing shows. */
export const translationProblems = (commands, { file, translations }) => {
  if (!translations) return [];
  const all = shownTexts(commands).map((text) => ({
    ...text,
    entry: findTranslation(translations, text),
  }));
  const groups = groupShared(all);
  const isCurrent = ({ text, entry }) => entry?.english === text;
  const current = new Set(groups.filter(isCurrent).map(({ entry }) => entry.tableKey));
  const used = new Set(all.map(({ entry }) => entry));
  return [
    ...groups.filter(({ entry }) => !entry).map(missing),
    ...groups
      .filter((group) => group.entry && !isCurrent(group))
      .map((group) => outdated(group, current.has(group.entry.tableKey))),
    ...[...translations.values()].filter((entry) => !used.has(entry)).map(unused),
  ].map((problem) => `docs/${file}: ${problem}`);
};
