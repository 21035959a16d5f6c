import { readFileSync } from "node:fs";
import { packageVersion } from "../files/package-version.js";
import type { Output } from "./command.js";
import type { CommandLook } from "./command-look.js";
import { createProgram } from "./program.js";
import { type StandardOutput, standardOutput } from "./standard-output.js";

/** The file descriptor of stdout. */
const STDOUT = 1;
/** As the signal of a closed pipe (qprune --help | head) would end the process. */
const CLOSED_PIPE = 141;

const COLUMNS_WITHOUT_TERMINAL = 80;

const stderr: Output = {
  write: (text) => {
    process.stderr.write(text);
  },
  isTTY: Boolean(process.stderr.isTTY),
  columns: process.stderr.columns ?? COLUMNS_WITHOUT_TERMINAL,
};

/** Whether commander has printed what was asked for; it then ends with an error of this code. */
const isPrinted = ({ code }: { readonly code?: unknown }): boolean =>
  code === "commander.helpDisplayed" || code === "commander.version";

const print = async (argv: readonly string[], stdout: StandardOutput): Promise<boolean> => {
  const looks = readFileSync(new URL("./command-looks.json", import.meta.url), "utf8");
  const program = createProgram({
    version: packageVersion(),
    // Written by the build of this very version.
    commands: JSON.parse(looks) as CommandLook[],
    context: { stdout, stderr },
    run: () => Promise.reject(new Error("help runs no command")),
  });
  return program.parseAsync([...argv], { from: "user" }).then(() => false, isPrinted);
};

/**
 * Prints the version or help from what the build has written of all commands (scripts/build.js), so that no schema is
 * loaded. Returns whether it was printed; otherwise nothing was.
 */
export const answerQuickly = async (argv: readonly string[]): Promise<boolean> => {
  const stdout = standardOutput(process.stdout, STDOUT, ({ code }) => {
    if (code === "EPIPE") process.exit(CLOSED_PIPE);
  });
  const isAnswered = await print(argv, stdout);
  await stdout.finish().catch(({ message, hint }) => {
    stderr.write(`error: ${message}\n  hint: ${hint}\n`);
    process.exitCode = 1;
  });
  return isAnswered;
};
