import type { Batch, BatchLoader } from "../../data/batches/batch-loader.js";

/** How fast images come and go. */
export interface InputSpeed {
  /** Images a second that the input can do by itself; undefined where there were too few to tell. */
  readonly inputImagesPerSecond: number | undefined;
  /** Images a second of the training steps, waiting for images included. */
  readonly trainImagesPerSecond: number;
  /** Share of that time in which the training waited for images. */
  readonly waitingShare: number;
}

/** Threads start and are compiled before they are as fast as they will be: not longer than this, or these batches. */
const WARM_UP_MS = 200;
const WARM_UP_BATCHES = 20;
/** Long enough for some batches, short enough that nobody notices. */
const MEASURE_MS = 300;
/** Fewer are made while the first one is waited for. */
const LEAST_BATCHES = 4;

/**
 * Images a second that a loader serves when nothing is done with them, once it is warm. Undefined for a loader of
 * few batches.
 */
export const inputAlone = async (
  loader: BatchLoader,
  now: () => number,
): Promise<number | undefined> => {
  const begun = now();
  let since: number | undefined;
  let batches = 0;
  let images = 0;
  for await (const { count } of loader.epoch(1)) {
    batches++;
    if (since === undefined) {
      const isWarm = batches >= WARM_UP_BATCHES || now() - begun >= WARM_UP_MS;
      if (!isWarm) continue;
      since = now();
      batches = 0;
      continue;
    }
    images += count;
    if (batches >= LEAST_BATCHES && now() - since >= MEASURE_MS) break;
  }
  if (since === undefined || batches < LEAST_BATCHES) return undefined;
  return (1000 * images) / Math.max(now() - since, 1e-3);
};

/** A loader that takes note of the time spent waiting for its batches and of the time spent with them. */
export interface MeteredLoader extends BatchLoader {
  /** Undefined before the first batch. */
  readonly speed: () => Omit<InputSpeed, "inputImagesPerSecond"> | undefined;
}

export const meterInput = (loader: BatchLoader, now: () => number): MeteredLoader => {
  let waitedMs = 0;
  let usedMs = 0;
  let images = 0;
  async function* epoch(...call: Parameters<BatchLoader["epoch"]>): AsyncGenerator<Batch> {
    let asked = now();
    for await (const batch of loader.epoch(...call)) {
      const got = now();
      waitedMs += got - asked;
      try {
        yield batch;
      } finally {
        asked = now();
        usedMs += asked - got;
        images += batch.count;
      }
    }
  }
  const speed = () => {
    const totalMs = waitedMs + usedMs;
    return images === 0
      ? undefined
      : { trainImagesPerSecond: (1000 * images) / totalMs, waitingShare: waitedMs / totalMs };
  };
  return { ...loader, epoch, speed };
};
