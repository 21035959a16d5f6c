/** Announces a script's next step. */
export const say = (line) => {
  process.stderr.write(`\n==> ${line}\n`);
};
