import { setImmediate } from "node:timers/promises";
import { QpruneError } from "../../base/errors.js";
import { randomPermutation } from "../../base/random.js";
import type { DataSetInfo, ImageSet } from "../data-set.js";
import { STREAM } from "./augmentation.js";
import { type BatchJob, type BatchSource, batchPreparer } from "./batch-preparer.js";
import { createWorkerPool, type WorkerPool } from "./worker-pool.js";

/** Normalised images with their labels; it owns its arrays. */
export interface Batch {
  /** [count, height, width, channels] */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly count: number;
}

export interface BatchLoaderOptions {
  readonly images: ImageSet;
  readonly info: DataSetInfo;
  readonly batchSize: number;
  /** Training shuffles and augments anew in every epoch; evaluating does neither. */
  readonly mode: "train" | "evaluate";
  readonly seed: number;
  /**
   * Threads that prepare batches ahead; with 0 it is done on the calling thread when a batch is
   * asked for.
   */
  readonly workers: number;
}

export interface BatchLoader {
  /** The last batch may be smaller than the others. */
  readonly batchesPerEpoch: number;
  /**
   * The batches of an epoch, from batch `fromBatch` on (0: all). The same seed and epoch give the
   * same batches to the bit, whatever the number of workers. Each step lets the event loop turn, so
   * that signals are heard. Throws a QpruneError if a worker fails.
   */
  epoch(epoch: number, options?: { readonly fromBatch?: number }): AsyncIterable<Batch>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** The compiled entry: from src/, where only tests run, a thread cannot load TypeScript. */
const workerEntry = (): URL =>
  import.meta.url.endsWith(".ts")
    ? new URL("../../../dist/data/batches/batch-worker.js", import.meta.url)
    : new URL("./batch-worker.js", import.meta.url);

const onThisThread = (source: BatchSource): WorkerPool<BatchJob, Float32Array> => {
  const prepare = batchPreparer(source);
  return { run: async (job) => prepare(job), close: async () => {} };
};

/** @throws QpruneError where there is not a place and a label for every image. */
const checkImages = (set: ImageSet, info: DataSetInfo): void => {
  const { images, file, places, labels, count, squeezed } = set;
  const pixels = squeezed ? squeezed.side ** 2 : info.height * info.width;
  const imageBytes = pixels * info.channels;
  const bytes = file ? file.count * imageBytes : images.length;
  const last = places ? places.reduce((most, place) => Math.max(most, place + 1), 0) : count;
  const needed = last * imageBytes;
  const fits = places ? places.length === count && needed <= bytes : needed === bytes;
  if (fits && labels.length === count) return;
  throw new QpruneError(
    `${count} images of ${info.name} need ${needed} bytes, but there are ${bytes} (and ${labels.length} labels).`,
  );
};

const check = ({ images, info, batchSize, workers }: BatchLoaderOptions): void => {
  checkImages(images, info);
  if (!Number.isInteger(batchSize) || batchSize < 1 || !Number.isInteger(workers) || workers < 0) {
    throw new QpruneError(
      `A batch of ${batchSize} images with ${workers} workers: expected a whole number of at least 1, and of at least 0.`,
      { kind: "usage" },
    );
  }
};

/** Serves the images of a set in batches, prepared by worker threads ahead of their use. */
export const createBatchLoader = (options: BatchLoaderOptions): BatchLoader => {
  check(options);
  const { images, info, batchSize, mode, seed, workers } = options;
  const { images: bytes, file, places, squeezed } = images;
  const source: BatchSource = { images: bytes, file, places, squeezed, info, mode, seed };
  const pool: WorkerPool<BatchJob, Float32Array> =
    workers === 0
      ? onThisThread(source)
      : createWorkerPool({ entry: workerEntry(), workers, workerData: source });
  const batchesPerEpoch = Math.ceil(images.count / batchSize);
  // Two for each worker, one in hand and one waiting, and two for the consumer to find ready.
  const aheadBatches = workers === 0 ? 1 : 2 * workers + 2;

  const sampleOrder = (epoch: number): Uint32Array =>
    mode === "train"
      ? randomPermutation(images.count, seed, STREAM.order, epoch)
      : Uint32Array.from({ length: images.count }, (_, sample) => sample);

  async function* epoch(
    epochNumber: number,
    { fromBatch = 0 }: { readonly fromBatch?: number } = {},
  ): AsyncGenerator<Batch> {
    const order = sampleOrder(epochNumber);
    const queue: { samples: Uint32Array; pixels: Promise<Float32Array> }[] = [];
    let started = fromBatch;
    const startAhead = (): void => {
      for (; queue.length < aheadBatches && started < batchesPerEpoch; started++) {
        const samples = order.slice(started * batchSize, (started + 1) * batchSize);
        const pixels = pool.run({ epoch: epochNumber, samples });
        pixels.catch(() => {}); // It is reported when its turn comes, or never if the consumer has left.
        queue.push({ samples, pixels });
      }
    };
    for (;;) {
      startAhead();
      const first = queue.shift();
      if (first === undefined) return;
      await setImmediate();
      const labels = Int32Array.from(first.samples, (sample) => images.labels[sample] as number);
      yield { images: await first.pixels, labels, count: labels.length };
    }
  }

  return { batchesPerEpoch, epoch, close: pool.close };
};
