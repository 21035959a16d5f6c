import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

/** How the holder of a lock shows that it is alive. */
export interface Heartbeat {
  /** File descriptor of the lock, open for writing; by now its name may belong to another lock. */
  readonly fd: number;
  readonly everyMs: number;
  /** The file's text around the count. The text has constant length because it overwrites the previous one. */
  readonly textBefore: string;
  readonly textAfter: string;
}

const COUNT_DIGITS = 10;

/** The text of a lock after `count` heartbeats. */
export const heartbeatText = (
  { textBefore, textAfter }: Pick<Heartbeat, "textBefore" | "textAfter">,
  count: number,
): string => `${textBefore}${String(count).padStart(COUNT_DIGITS, "0")}${textAfter}`;

// As a string, so that it works in the built package and from the TypeScript sources.
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

/** Writes heartbeats from the main thread, for systems that allow no further thread. */
const beatOnMainThread = (beat: Heartbeat): (() => void) => {
  let count = 0;
  const interval = setInterval(() => {
    try {
      writeSync(beat.fd, heartbeatText(beat, ++count), 0);
    } catch {
      // The next heartbeat may succeed; without any, processes elsewhere consider this one dead.
    }
  }, beat.everyMs);
  interval.unref();
  return () => clearInterval(interval);
};

/**
 * Writes an increasing count into a lock file, so that processes that cannot see this one know that it is alive. It
 * uses its own thread because a training step can block the main thread for longer than others wait.
 * @returns a function that stops it; the file is not written afterwards.
 */
export const startHeartbeat = (beat: Heartbeat): (() => Promise<void>) => {
  let stopFallback: (() => void) | undefined;
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { ...beat, digits: COUNT_DIGITS },
    execArgv: [],
  });
  worker.on("error", () => {
    stopFallback = beatOnMainThread(beat);
  });
  worker.unref();
  return async () => {
    await worker.terminate();
    stopFallback?.();
  };
};
