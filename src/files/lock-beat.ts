import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

export interface Beat {
  /** The lock file, open for writing. It is written by number: the name may belong to another lock by now. */
  readonly fd: number;
  readonly everyMs: number;
  /** The file's text for each count; all of one length, since it is written over the last one. */
  readonly textBefore: string;
  readonly textAfter: string;
}

const COUNT_DIGITS = 10;

/** The text of a lock after `count` beats. */
export const beatText = (
  { textBefore, textAfter }: Pick<Beat, "textBefore" | "textAfter">,
  count: number,
): string => `${textBefore}${String(count).padStart(COUNT_DIGITS, "0")}${textAfter}`;

// As source text: the same in the built package and from the TypeScript sources.
const THREAD = `
const { writeSync } = require("node:fs");
const { workerData } = require("node:worker_threads");
const { fd, everyMs, textBefore, textAfter, digits } = workerData;
let count = 0;
setInterval(() => {
  const text = textBefore + String(++count).padStart(digits, "0") + textAfter;
  try { writeSync(fd, text, 0); } catch {}
}, everyMs);
`;

/** Beats on the main thread, for a system that allows no further one. */
const beatHere = (beat: Beat): (() => void) => {
  let count = 0;
  const interval = setInterval(() => {
    try {
      writeSync(beat.fd, beatText(beat, ++count), 0);
    } catch {
      // The next beat may succeed; without any, a process elsewhere takes this one for dead.
    }
  }, beat.everyMs);
  interval.unref();
  return () => clearInterval(interval);
};

/**
 * Writes the growing count into a lock file, so that processes that cannot see this one see that it lives. A thread
 * of its own does it: a step of training can block the main one for longer than others wait.
 * @returns how to stop it; the file is not written afterwards.
 */
export const startBeat = (beat: Beat): (() => Promise<void>) => {
  let stopHere: (() => void) | undefined;
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { ...beat, digits: COUNT_DIGITS },
    execArgv: [],
  });
  worker.on("error", () => {
    stopHere = beatHere(beat);
  });
  worker.unref();
  return async () => {
    await worker.terminate();
    stopHere?.();
  };
};
