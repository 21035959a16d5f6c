import { SingleBar } from "cli-progress";
import {
  progressLines,
  type SetupProgress,
  type SetupReporter,
} from "../../engine/setup/setup-reporter.js";
import type { CommandContext } from "../command.js";

const MB = 1e6;

/** A progress bar for each step, for terminals. */
const progressBar = ({ stderr }: CommandContext) => {
  let bar: SingleBar | undefined;
  let shownStep = "";
  const close = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const open = (step: string, totalBytes: number): SingleBar => {
    const made = new SingleBar({
      format: `${step} {bar} {percentage}% of ${Math.round(totalBytes / MB)} MB, {eta_formatted} left`,
      barsize: Math.max(8, Math.min(30, stderr.columns - 62)),
      barCompleteChar: "█",
      barIncompleteChar: "░",
      stream: process.stderr,
    });
    made.start(totalBytes, 0);
    return made;
  };
  const progress = ({ step, doneBytes, totalBytes }: SetupProgress): void => {
    if (step !== shownStep) close();
    shownStep = step;
    bar ??= open(step, totalBytes);
    bar.update(doneBytes);
    if (doneBytes >= totalBytes) close();
  };
  return { progress, close };
};

/**
 * Shows the setup of the engine on stderr: with progress bars on a terminal, otherwise with occasional lines.
 * Pass it to loadEngine; `close` ends a progress bar that an error left open.
 */
export const setupProgress = (
  context: CommandContext,
): SetupReporter & { readonly close: () => void } => {
  const writeLine = (line: string): void => context.stderr.write(`${line}\n`);
  if (!context.stderr.isTTY) {
    return { notify: writeLine, progress: progressLines(writeLine), close: () => {} };
  }
  const { progress, close } = progressBar(context);
  const notify = (line: string): void => {
    close();
    writeLine(line);
  };
  return { notify, progress, close };
};
