import { SingleBar } from "cli-progress";
import type { CommandContext } from "../command.js";

/** How many images nets have been tested on, all on the same batches. */
interface TestedImages {
  readonly nets: number;
  readonly imagesSeen: number;
  readonly images: number;
}

/** Shows how far the nets are with the test images. */
export interface TestProgress {
  readonly testing: (tested: TestedImages) => void;
  /** Whatever the end: leaves the terminal in order. */
  readonly close: () => void;
}

/**
 * A progress bar on stderr while nets are tested; none where either output is no terminal (a pager that reads stdout
 * shares it) or with --json.
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
