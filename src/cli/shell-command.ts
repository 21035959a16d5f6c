const PLAIN = /^[\w@%+=:,./-]+$/;

/** A text inside single quotes, in which shells change nothing. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A word as a shell takes it whole. */
export const quoted = (word: string): string => (PLAIN.test(word) ? word : singleQuoted(word));

/** A call of the command line as it is typed in a shell: what a shell would take apart is quoted. */
export const shellCommand = (argv: readonly string[]): string =>
  ["qprune", ...argv].map(quoted).join(" ");
