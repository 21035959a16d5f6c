import { readFileSync } from "node:fs";
import { packageVersion } from "../files/package-version.js";
import type { Output } from "./command.js";
import type { CommandLook } from "./command-look.js";
import { createProgram } from "./program.js";

const COLUMNS_WITHOUT_TERMINAL = 80;

const outputOf = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => {
    stream.write(text);
  },
  isTTY: Boolean(stream.isTTY),
  columns: stream.columns ?? COLUMNS_WITHOUT_TERMINAL,
});

/**
 * Prints help from what the build has written of all commands (scripts/build.js), so that no schema is loaded.
 * @throws CommanderError once it is printed, and an error of the file system where the build has not written it.
 */
export const printQuickHelp = async (argv: readonly string[]): Promise<void> => {
  const looks = readFileSync(new URL("./command-looks.json", import.meta.url), "utf8");
  const program = createProgram({
    version: packageVersion(),
    // Written by the build of this very version.
    commands: JSON.parse(looks) as CommandLook[],
    context: { stdout: outputOf(process.stdout), stderr: outputOf(process.stderr) },
    run: () => Promise.reject(new Error("help runs no command")),
  });
  await program.parseAsync([...argv], { from: "user" });
};
