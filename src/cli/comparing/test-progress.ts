import { SingleBar } from "cli-progress";
import type { CommandContext } from "../command.js";

/** The number of images that nets were tested on, in common batches. */
interface TestedImages {
  readonly nets: number;
  readonly imagesSeen: number;
  readonly images: number;
}

/** Shows the progress of testing nets. */
export interface TestProgress {
  readonly testing: (tested: TestedImages) => void;
  /** Restores the terminal; call it in any case. */
  readonly close: () => void;
}

/**
 * A progress bar on stderr while nets are tested. There is none with --json or unless both outputs are terminals, since
 * a pager that reads stdout shares the terminal.
 */
export const createTestProgress = (
  { stdout, stderr }: Pick<CommandContext, "stdout" | "stderr">,
  json: boolean,
): TestProgress => {
  if (json || !stdout.isTTY || !stderr.isTTY) return { testing: () => {}, close: () => {} };
  let bar: SingleBar | undefined;
  const open = ({ nets, images }: TestedImages): SingleBar => {
    const made = new SingleBar({
      format: `Testing ${nets} nets {bar} {percentage}% {value}/{total} images`,
      barsize: Math.max(8, Math.min(30, stderr.columns - 62)),
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    });
    made.start(images, 0);
    return made;
  };
  return {
    testing: (tested) => {
      bar ??= open(tested);
      bar.update(tested.imagesSeen);
    },
    close: () => {
      bar?.stop();
      bar = undefined;
    },
  };
};
