// A private-use character on each side: no text of a user reads like this by chance.
const REFERENCE = /\uE000(\w+)\uE001/g;

/**
 * Names an option in a message, by its key in the schema of options. Where the message is shown decides how it reads:
 * `--lr-drops` on the command line, `lrDrops` in a program.
 */
export const option = (key: string): string => `\uE000${key}\uE001`;

/** `lr_drops` as programs write it: `lrDrops`. */
export const camelCase = (key: string): string =>
  key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A text with every reference to an option replaced by its name. */
export const withOptionNames = (text: string, nameOf: (key: string) => string): string =>
  text.replace(REFERENCE, (_, key: string) => nameOf(key));
