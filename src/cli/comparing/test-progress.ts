import { SingleBar } from "cli-progress";
import type { CommandContext } from "../command.js";

/** Shows how far the nets are with the test images. */
export interface TestProgress {
  readonly seen: (images: number) => void;
  /** Whatever the end: leaves the terminal in order. */
  readonly close: () => void;
}

const NONE: TestProgress = { seen: () => {}, close: () => {} };

/**
 * A progress bar on stderr while nets are tested, all on the same batches; none where either output is no terminal
 * (a pager that reads stdout shares it) or with --json.
 */
export const testProgress = (
  { stdout, stderr }: CommandContext,
  {
    nets,
    images,
    json,
  }: { readonly nets: number; readonly images: number; readonly json: boolean },
): TestProgress => {
  if (json || !stdout.isTTY || !stderr.isTTY) return NONE;
  const bar = new SingleBar({
    format: `Testing ${nets} nets {bar} {percentage}% {value}/{total} images`,
    barsize: Math.max(8, Math.min(30, stderr.columns - 62)),
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  bar.start(images, 0);
  return { seen: (count) => bar.update(count), close: () => bar.stop() };
};
