import chalk from "chalk";
import { CommanderError } from "commander";
import { QpruneError } from "../base/errors.js";
import { visibleLines } from "../base/visible-text.js";
import type { CommandContext } from "./command.js";
import { errorText } from "./error-text.js";
import { callRefusal, type RefusedCall } from "./refused-flag-hint.js";

/** Messages may quote files, so not even their colors reach the terminal. */
const plain = visibleLines;

const systemMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/**
 * Prints an error to stderr in one form: what was wrong, then what to do. No stack trace.
 */
export const reportError = (
  error: unknown,
  { stderr, env }: CommandContext,
  call: RefusedCall,
): void => {
  if (error instanceof CommanderError) {
    // Commander throws for --help and --version too.
    if (error.exitCode === 0) return;
    const { message, hint } = callRefusal(error, call);
    stderr.write(`${chalk.red("error:")} ${plain(message)}\n`);
    stderr.write(`  ${chalk.dim("hint:")} ${plain(hint)}\n`);
    return;
  }
  if (error instanceof QpruneError) {
    const { message, hint } = errorText(error, call.command?.schema);
    stderr.write(`${chalk.red("error:")} ${plain(message)}\n`);
    if (hint) stderr.write(`  ${chalk.dim("hint:")} ${plain(hint)}\n`);
    return;
  }
  stderr.write(`${chalk.red("error:")} ${plain(systemMessage(error))}\n`);
  stderr.write(
    `  ${chalk.dim("hint:")} this is unexpected; run the command again with QPRUNE_DEBUG=1 to get details for a bug report\n`,
  );
  if (env.QPRUNE_DEBUG && error instanceof Error) stderr.write(`${error.stack}\n`);
};
