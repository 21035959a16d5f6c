const PLAIN = /^[\w@%+=:,./-]+$/;

const quoted = (word: string): string =>
  PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A call of the command line as it is typed in a shell: what a shell would take apart is quoted. */
export const shellCommand = (argv: readonly string[]): string =>
  ["qprune", ...argv].map(quoted).join(" ");
