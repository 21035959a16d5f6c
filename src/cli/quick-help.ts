import { readFileSync } from "node:fs";
import { packageVersion } from "../files/package-version.js";
import type { CommandHelp } from "./command-help.js";
import { EXIT } from "./exit-codes.js";
import { createProgram } from "./program.js";
import { outputOf, STDOUT, type StandardOutput, standardOutput } from "./standard-output.js";

const stderr = outputOf(process.stderr);

/** Whether commander printed help or the version; it then throws an error with such a code. */
const isPrinted = ({ code }: { readonly code?: unknown }): boolean =>
  code === "commander.helpDisplayed" || code === "commander.version";

const print = async (argv: readonly string[], stdout: StandardOutput): Promise<boolean> => {
  const json = readFileSync(new URL("./command-help.json", import.meta.url), "utf8");
  const program = createProgram({
    version: packageVersion(),
    // The build of the same version wrote it.
    commands: JSON.parse(json) as CommandHelp[],
    context: { stdout, stderr },
    run: () => Promise.reject(new Error("help runs no command")),
  });
  return program.parseAsync([...argv], { from: "user" }).then(() => false, isPrinted);
};

/**
 * Prints the version or help from the data that the build recorded for all commands (scripts/build.js), without loading
 * any schema. Returns whether it was printed; otherwise nothing was.
 */
export const answerQuickly = async (argv: readonly string[]): Promise<boolean> => {
  const stdout = standardOutput(process.stdout, STDOUT, ({ code }) => {
    if (code === "EPIPE") process.exit(EXIT.closedPipe);
  });
  const isAnswered = await print(argv, stdout);
  await stdout.finish().catch(({ message, hint }) => {
    stderr.write(`error: ${message}\n  hint: ${hint}\n`);
    process.exitCode = 1;
  });
  return isAnswered;
};
