import { visibleText } from "../../base/visible-text.js";

const PLAIN = /^[\w@%+=:,./-]+$/;

/** Quotes a text with single quotes, in which shells expand nothing. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Quotes a word with invisible characters for bash and zsh: $'a\\tb'. */
const escapeQuoted = (word: string): string => {
  const shown = visibleText(word.replace(/[\\']/g, String.raw`\$&`));
  return `$'${shown}'`;
};

/** Quotes a word for a shell if it needs quotes. */
export const quoted = (word: string): string => {
  if (PLAIN.test(word)) return word;
  return visibleText(word) === word ? singleQuoted(word) : escapeQuoted(word);
};

/** A qprune command as one types it in a shell, with quotes where they are needed. */
export const shellCommand = (argv: readonly string[]): string =>
  ["qprune", ...argv].map(quoted).join(" ");
