import { shownTexts } from "./shown-texts.js";

/** Missing translations of a language, and translations of texts that no command has any more: a line for each. */
export const translationProblems = (commands, { file, translations }) => {
  if (!translations) return [];
  const shown = shownTexts(commands);
  const texts = new Set(shown.map(({ text }) => text));
  return [
    ...shown
      .filter(({ text }) => !Object.hasOwn(translations, text))
      .map(({ text, place }) => `${file}: no translation of ${place}: "${text}"`),
    ...Object.keys(translations)
      .filter((text) => !texts.has(text))
      .map((text) => `${file}: a translation of a text that is gone: "${text}"`),
  ];
};
