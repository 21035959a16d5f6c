import type { Batch, BatchLoader } from "../../data/batch-loader.js";

/** How fast images come and go. */
export interface InputSpeed {
  /** Images a second that the input can do by itself; undefined where there were too few to tell. */
  readonly inputImagesPerSecond: number | undefined;
  /** Images a second of the training steps, waiting for images included. */
  readonly trainImagesPerSecond: number;
  /** Share of that time in which the training waited for images. */
  readonly waitingShare: number;
}

/** Long enough for some batches, short enough that nobody notices. */
const MEASURE_MS = 200;
const MEASURE_BATCHES = 40;
/** Fewer are made while the first one is waited for. */
const LEAST_BATCHES = 4;

/**
 * Images a second that a loader serves when nothing is done with them, from the second batch on: the first one
 * waits for the threads to start. Undefined for a loader of few batches.
 */
export const inputAlone = async (
  loader: BatchLoader,
  now: () => number,
): Promise<number | undefined> => {
  let since = 0;
  let batches = 0;
  let images = 0;
  for await (const { count } of loader.epoch(1)) {
    if (batches > 0) images += count;
    else since = now();
    batches++;
    const isLong = batches >= LEAST_BATCHES && now() - since > MEASURE_MS;
    if (batches >= MEASURE_BATCHES || isLong) break;
  }
  return batches < LEAST_BATCHES ? undefined : (1000 * images) / Math.max(now() - since, 1e-3);
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
