/** Says what a script does next. */
export const say = (line) => {
  process.stderr.write(`\n==> ${line}\n`);
};
