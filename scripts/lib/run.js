import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** As a shell reports a process that a signal ended. */
const SIGNAL_BASE = 128;
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Ctrl-C reaches the child too; the script waits until it has ended cleanly. */
process.on("SIGINT", () => {});

/** Ends the script because a program failed. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a program in the project's folder on this terminal and returns its exit code.
 * `onOutput` receives what it writes to stdout, which is shown as well.
 */
export const run = (command, args, { onOutput, env = {} } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["inherit", onOutput ? "pipe" : "inherit", "inherit"],
    });
    child.stdout?.on("data", (chunk) => {
      process.stdout.write(chunk);
      onOutput(chunk.toString());
    });
    child.on("error", (error) => reject(new Failure(`${command} cannot be run: ${error.message}`)));
    child.on("close", (code, signal) =>
      resolve(code ?? SIGNAL_BASE + (SIGNAL_NUMBERS[signal] ?? 0)),
    );
  });

/** As {@link run}, for a program that must succeed. */
export const mustRun = async (command, args, options) => {
  const code = await run(command, args, options);
  if (code !== 0) throw new Failure(`${[command, ...args].join(" ")} failed (${code}).`, code);
};

/** Runs a program in `folder`, without input, and resolves to its exit code and everything it wrote. */
export const runQuietly = (command, args, folder) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => chunks.push(chunk));
    }
    child.on("error", (error) => reject(new Failure(`${command} cannot be run: ${error.message}`)));
    child.on("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString("utf8") }));
  });

/** Runs this script's Node on a file of the project. */
export const runNode = (args, options) => run(process.execPath, args, options);
export const mustRunNode = (args, options) => mustRun(process.execPath, args, options);

/** Runs a script's main function and turns its failure into a message and an exit code. */
export const runMain = async (main) => {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(`\nerror: ${error instanceof Failure ? error.message : error.stack}`);
    process.exitCode = error instanceof Failure ? error.exitCode : 1;
  }
};
