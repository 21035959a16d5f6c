import type { Batch, BatchLoader } from "../../data/batches/batch-loader.js";

/** The speed of loading and training. */
export interface InputSpeed {
  /** Images per second when only loading; undefined if there were too few to measure it. */
  readonly inputImagesPerSecond: number | undefined;
  /** Images per second of training, including the time spent waiting for images. */
  readonly trainImagesPerSecond: number;
  /** The fraction of that time spent waiting for images. */
  readonly waitingShare: number;
}

/** Threads take time to start and to be compiled. The warm-up ends after this time or number of batches. */
const WARM_UP_MS = 200;
const WARM_UP_BATCHES = 20;
/** Long enough for some batches, too short to be noticed. */
const MEASURE_MS = 300;
/** Fewer batches may all be prepared while waiting for the first one. */
const MIN_BATCHES = 4;

/**
 * Measures how many images per second a loader delivers after a warm-up if nothing else is done. Undefined if it has
 * too few batches.
 */
export const measureInputSpeed = async (
  loader: BatchLoader,
  now: () => number,
): Promise<number | undefined> => {
  const startedAt = now();
  let since: number | undefined;
  let batches = 0;
  let images = 0;
  for await (const { count } of loader.epoch(1)) {
    batches++;
    if (since === undefined) {
      const isWarm = batches >= WARM_UP_BATCHES || now() - startedAt >= WARM_UP_MS;
      if (!isWarm) continue;
      since = now();
      batches = 0;
      continue;
    }
    images += count;
    if (batches >= MIN_BATCHES && now() - since >= MEASURE_MS) break;
  }
  if (since === undefined || batches < MIN_BATCHES) return undefined;
  return (1000 * images) / Math.max(now() - since, 1e-3);
};

/** A loader that measures the time spent waiting for its batches and the time spent using them. */
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
