import chalk from "chalk";
import { CommanderError } from "commander";
import { QpruneError } from "../base/errors.js";
import { TimeLimitReached } from "../base/time-limit-reached.js";
import { memoryFailure } from "../engine/out-of-memory.js";
import { packageVersion } from "../files/package-version.js";
import { readOptions } from "../options/read-options.js";
import { alternativeSpellings, normalizeArgv } from "./argv.js";
import type { CommandContext, CommandDefinition, Output } from "./command.js";
import { loadCalledCommands, loadCommands } from "./commands.js";
import { EXIT } from "./exit-codes.js";
import { withReferenceName } from "./plain-names.js";
import { createProgram } from "./program.js";
import { reportError } from "./report-error.js";
import { commandHelp } from "./shown-option.js";
import { outputOf, STDOUT, standardOutput } from "./standard-output.js";
import { visibleOutput } from "./texts/visible-output.js";

/** The abort reason after a signal. */
class Interruption extends Error {
  constructor(readonly exitCode: number) {
    super("The command was interrupted.");
  }
}

/** Ctrl-C and SIGTERM ask the command to save its state and end; a second one ends the process at once. */
const interruptSignal = (): AbortSignal => {
  const controller = new AbortController();
  const stopWith = (exitCode: number) => (): void => {
    if (controller.signal.aborted) process.exit(exitCode);
    controller.abort(new Interruption(exitCode));
  };
  process.on("SIGINT", stopWith(EXIT.interrupted));
  process.on("SIGTERM", stopWith(EXIT.terminated));
  return controller.signal;
};

const interruptedCode = ({ reason }: AbortSignal): number =>
  reason instanceof Interruption ? reason.exitCode : EXIT.interrupted;

const processContext = (stdout: Output): CommandContext => ({
  stdout,
  stderr: outputOf(process.stderr),
  env: process.env,
  now: () => performance.now(),
  signal: interruptSignal(),
});

/** The exit code for what a command threw. */
const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (!(error instanceof QpruneError)) return EXIT.failed;
  return { usage: EXIT.usage, failure: EXIT.failed, temporary: EXIT.tryAgain }[error.kind];
};

/** Whether an error is the consequence of being asked to stop, or of a time limit. */
const isStop = (error: unknown, signal: AbortSignal): boolean => {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof TimeLimitReached) return true;
    if (signal.aborted && (each === signal.reason || each.name === "AbortError")) return true;
  }
  return signal.aborted && error === signal.reason;
};

/** Runs the command line and returns its exit code; errors are printed, never thrown. */
export const runCli = async (
  typed: readonly string[],
  environment: CommandContext,
  known?: readonly CommandDefinition[],
): Promise<number> => {
  const argv = withReferenceName(typed);
  const context: CommandContext = {
    ...environment,
    stdout: visibleOutput(environment.stdout),
    stderr: visibleOutput(environment.stderr),
    loadCommands,
  };
  const available = known ?? (await loadCalledCommands(argv[0]));
  const command = available.find(({ name }) => name === argv[0]);
  const program = createProgram({
    version: packageVersion(),
    commands: available.map(commandHelp),
    context,
    run: async (name, raw) => {
      if (!command) throw new Error(`there is no command ${name}`);
      const options = readOptions(command.schema, raw, name);
      await command.run({ options, given: new Set(Object.keys(raw)), argv }, context);
    },
  });
  const spellings = command ? alternativeSpellings(command.schema) : new Map<string, string>();
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.usage;
    }
    await program.parseAsync(normalizeArgv(argv, spellings), { from: "user" });
    return context.signal.aborted ? interruptedCode(context.signal) : EXIT.done;
  } catch (error) {
    // Stopping itself may fail; such an error is reported.
    if (isStop(error, context.signal)) return interruptedCode(context.signal);
    const failure = memoryFailure(error);
    reportError(failure, context, { argv, command });
    return exitCodeOf(failure);
  }
};

/** The entry point of bin/qprune.js. @param known the commands that may be called; all by default */
export const main = async (
  argv: readonly string[],
  known?: readonly CommandDefinition[],
): Promise<void> => {
  // A failure to print progress does not end the command.
  process.stderr.on("error", () => {});
  const stdout = standardOutput(process.stdout, STDOUT, (error, reason) => {
    // A closed pipe (qprune … | head) ends the process as its signal would.
    if (error.code === "EPIPE") process.exit(EXIT.closedPipe);
    process.stderr.write(
      `The rest of the output is lost: ${reason}. The command continues without it.\n`,
    );
  });
  // See no-color.org; chalk only reads FORCE_COLOR.
  if (process.env.NO_COLOR) chalk.level = 0;
  const context = processContext(stdout);
  const code = await runCli(argv, context, known);
  process.exitCode = await stdout.finish().then(
    () => code,
    (error) => {
      reportError(error, context, { argv, command: undefined });
      return code === EXIT.done ? EXIT.failed : code;
    },
  );
};
