import { setImmediate } from "node:timers/promises";
import { QpruneError } from "../../base/errors.js";
import { randomPermutation } from "../../base/random.js";
import type { LabeledBox } from "../../boxes/box.js";
import { drawMixShares, mixPartner } from "../augmentation/mixup.js";
import type { StrongAugmentation } from "../augmentation/strong-augmentation.js";
import type { DataSetInfo, ImageSet } from "../data-set.js";
import { STREAM } from "./augmentation.js";
import { ALL, type BatchPart, type BatchSamples, type LoaderShare, partOf } from "./batch-part.js";
import {
  type BatchJob,
  type BatchSource,
  batchPreparer,
  storedImageBytes,
} from "./batch-preparer.js";
import { boxPreparer } from "./box-preparer.js";
import { createWorkerPool, type WorkerPool } from "./worker-pool.js";

/** Normalized images with their labels. The receiver owns the arrays. */
export interface Batch {
  /** [count, height, width, channels] */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly count: number;
  /** With mixup: what each image contains besides its own. */
  readonly mixed?: MixedLabels | undefined;
  /** The objects in each image, in its pixels; absent if images only have labels. */
  readonly boxes?: readonly (readonly LabeledBox[])[] | undefined;
  /** If it is a part of a batch: what it is of the whole one. */
  readonly part?: BatchPart | undefined;
}

/** The labels of images that are mixed with others. */
export interface MixedLabels {
  /** Labels of the other images, [count]. */
  readonly labels: Int32Array;
  /** Shares of the images' own labels, [count], at least 1/2. */
  readonly shares: Float32Array;
}

export interface BatchLoaderOptions {
  readonly images: ImageSet;
  readonly info: DataSetInfo;
  readonly batchSize: number;
  /** `train` shuffles and augments differently in every epoch; `evaluate` does neither. */
  readonly mode: "train" | "evaluate";
  readonly seed: number;
  /** Augmentation of training images beyond that of `info`. */
  readonly strong?: StrongAugmentation | undefined;
  /** Threads that prepare batches ahead; with 0, the calling thread prepares each batch on request. */
  readonly workers: number;
  /** Serves one of several equal shares: a part of every batch to train on (see partOf), every n-th batch to evaluate. */
  readonly share?: LoaderShare | undefined;
}

export interface EpochOptions {
  readonly fromBatch?: number;
  readonly isWeak?: boolean;
}

export interface BatchLoader {
  /** The whole batches of an epoch. The last one may be smaller than the others. */
  readonly batchesPerEpoch: number;
  /**
   * The batches of an epoch, starting with batch `fromBatch` (default 0), without strong augmentation if `isWeak`. The same
   * seed and epoch give identical batches for any number of workers. Each step yields to the event loop, so that signals are
   * handled.
   * @throws QpruneError if a worker fails.
   */
  epoch(epoch: number, options?: EpochOptions): AsyncIterable<Batch>;
  /** Stops the threads. */
  close(): Promise<void>;
}

/** The compiled entry: tests run from src/, and a worker thread cannot load TypeScript. */
const workerEntry = (): URL =>
  import.meta.url.endsWith(".ts")
    ? new URL("../../../dist/data/batches/batch-worker.js", import.meta.url)
    : new URL("./batch-worker.js", import.meta.url);

const onThisThread = (source: BatchSource): WorkerPool<BatchJob, Float32Array> => {
  const prepare = batchPreparer(source);
  return { run: async (job) => prepare(job), close: async () => {} };
};

/** @throws QpruneError unless every image has its bytes and a label. */
const checkImages = (set: ImageSet, info: DataSetInfo): void => {
  const { images, file, places, labels, count } = set;
  const imageBytes = storedImageBytes(set, info);
  const bytes = file ? file.count * imageBytes : images.length;
  const last = places ? places.reduce((most, place) => Math.max(most, place + 1), 0) : count;
  const needed = last * imageBytes;
  const fits = places ? places.length === count && needed <= bytes : needed === bytes;
  if (fits && labels.length === count) return;
  throw new QpruneError(
    `${count} images of ${info.name} need ${needed} bytes and ${count} labels, but there are ${bytes} bytes and ${labels.length} labels.`,
  );
};

const check = ({ images, info, batchSize, workers }: BatchLoaderOptions): void => {
  checkImages(images, info);
  if (!Number.isInteger(batchSize) || batchSize < 1 || !Number.isInteger(workers) || workers < 0) {
    throw new QpruneError(
      `Cannot prepare batches of ${batchSize} images with ${workers} workers: expected a batch size of at least 1 and 0 or more workers, both whole numbers.`,
      { kind: "usage" },
    );
  }
};

/** The labels of a batch that the workers mix by the same draws; undefined without mixup. */
const mixedLabels = (
  { strong, mode, seed }: BatchLoaderOptions,
  epoch: number,
  samples: Uint32Array,
  labels: Int32Array,
): MixedLabels | undefined => {
  if (strong?.mixup === undefined || mode === "evaluate") return undefined;
  return {
    labels: labels.map((_, place) => labels[mixPartner(place, labels.length)] as number),
    shares: drawMixShares(strong.mixup, seed, epoch, samples),
  };
};

/** The order of training images in an epoch. */
export const trainingOrder = (count: number, seed: number, epoch: number): Uint32Array =>
  randomPermutation(count, seed, STREAM.order, epoch);

/** Serves the images of a set in batches; worker threads prepare them ahead of their use. */
export const createBatchLoader = (options: BatchLoaderOptions): BatchLoader => {
  check(options);
  const { images, info, batchSize, mode, seed, strong, workers, share = ALL } = options;
  const { images: bytes, file, places, squeezed, storedSide } = images;
  const stored = { images: bytes, file, places, squeezed, storedSide };
  const source: BatchSource = { ...stored, info, mode, seed, strong, count: images.count };
  const pool: WorkerPool<BatchJob, Float32Array> =
    workers === 0
      ? onThisThread(source)
      : createWorkerPool({ entry: workerEntry(), workers, workerData: source });
  // The draws of the workers' augmentation are keyed, so boxes can follow it here.
  const boxesOf = images.boxes && boxPreparer(source, images.boxes);
  const batchesPerEpoch = Math.ceil(images.count / batchSize);
  const isMixed = strong?.mixup !== undefined;
  // Two for each worker (one in work, one waiting), and two ready for the consumer.
  const aheadBatches = workers === 0 ? 1 : 2 * workers + 2;

  const sampleOrder = (epoch: number): Uint32Array =>
    mode === "train"
      ? trainingOrder(images.count, seed, epoch)
      : Uint32Array.from({ length: images.count }, (_, sample) => sample);

  async function* epoch(
    epochNumber: number,
    { fromBatch = 0, isWeak = false }: EpochOptions = {},
  ): AsyncGenerator<Batch> {
    const order = sampleOrder(epochNumber);
    const queue: (BatchSamples & { pixels: Promise<Float32Array> })[] = [];
    let started = fromBatch;
    const startAhead = (): void => {
      for (; queue.length < aheadBatches && started < batchesPerEpoch; started++) {
        const whole = order.slice(started * batchSize, (started + 1) * batchSize);
        if (mode === "evaluate" && started % share.count !== share.index) continue;
        const own = mode === "evaluate" ? { samples: whole } : partOf(whole, share, isMixed);
        const pixels = pool.run({ epoch: epochNumber, samples: own.samples, isWeak });
        pixels.catch(() => {}); // Awaiting the batch reports the error; without this, one never awaited would crash.
        queue.push({ ...own, pixels });
      }
    };
    for (;;) {
      startAhead();
      const first = queue.shift();
      if (first === undefined) return;
      await setImmediate();
      const labels = Int32Array.from(first.samples, (sample) => images.labels[sample] as number);
      const mixed = isWeak ? undefined : mixedLabels(options, epochNumber, first.samples, labels);
      const boxes = boxesOf?.({ epoch: epochNumber, samples: first.samples, isWeak });
      const { part } = first;
      const pixels = await first.pixels;
      yield {
        ...{ images: pixels, labels, count: labels.length },
        ...(mixed && { mixed }),
        ...(boxes && { boxes }),
        ...(part && { part }),
      };
    }
  }

  return { batchesPerEpoch, epoch, close: pool.close };
};
