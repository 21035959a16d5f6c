import { visibleText } from "../base/visible-text.js";

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A text inside single quotes, in which shells change nothing. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A word with characters that cannot be seen, as bash and zsh read it: $'a\\tb'. */
const escapeQuoted = (word: string): string => {
  const shown = visibleText(word.replace(/[\\']/g, String.raw`\$&`));
  return `$'${shown}'`;
};

/** A word as a shell takes it whole. */
export const quoted = (word: string): string => {
  if (PLAIN.test(word)) return word;
  return visibleText(word) === word ? singleQuoted(word) : escapeQuoted(word);
};

/** A call of the command line as it is typed in a shell: what a shell would take apart is quoted. */
export const shellCommand = (argv: readonly string[]): string =>
  ["qprune", ...argv].map(quoted).join(" ");
