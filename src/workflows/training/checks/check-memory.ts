import { type TrainingMemory, trainingMemory } from "../../../analysis/training-memory.js";
import { QpruneError } from "../../../base/errors.js";
import { FLOAT_BYTES } from "../../../base/float-bytes.js";
import { option } from "../../../base/option-reference.js";
import type { DataSet, ImageSet } from "../../../data/data-set.js";
import { graphOf, type NetSpec } from "../../../models/net-spec.js";
import type { TrainingOptions } from "../training-call.js";

type BatchOptions = Pick<
  TrainingOptions,
  "train_batch_size" | "eval_batch_size" | "num_workers" | "accumulate"
>;

/** The number of batches in memory: those of a step, and those that are ready or being prepared (see createBatchLoader). */
const batchesInMemory = ({ num_workers: workers, accumulate }: BatchOptions): number =>
  accumulate + (workers === 0 ? 1 : 2 * workers + 2);

/** The size of the images in memory. Images in a cache file are not, and held-out images share the training images' bytes. */
const dataBytes = ({ train, test }: DataSet): number =>
  [train, test].reduce((sum, { images }: ImageSet) => sum + images.byteLength, 0);

/** The memory needed per image of a batch, including its pixels in all batches in memory. */
const bytesPerImage = (
  { bytesPerTrainedImage, bytesPerTestedImage }: TrainingMemory,
  { input }: NetSpec,
  options: BatchOptions,
): Record<"train" | "test", number> => {
  const pixels = FLOAT_BYTES * input.height * input.width * input.channels;
  const ready = batchesInMemory(options) * pixels;
  return { train: bytesPerTrainedImage + ready, test: bytesPerTestedImage + ready };
};

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

const tooLarge = (
  key: string,
  batch: number,
  needed: number,
  memoryBytes: number,
  fitting: number,
): QpruneError =>
  new QpruneError(
    `A batch of ${batch} images needs about ${gigabytes(needed)}, but only ${gigabytes(memoryBytes)} of memory are available.`,
    {
      kind: "usage",
      hint:
        fitting >= 1
          ? `Set ${option(key)} to ${fitting} or less.`
          : `Not even one image fits: use a smaller ${option("width")} or ${option("image_size")}, or fewer images with ${option("train_limit")}.`,
    },
  );

/**
 * Estimates the memory of a run before its first step (see trainingMemory).
 * @param memoryBytes the memory that the process may use
 * @throws QpruneError (usage) if a batch does not fit; it suggests the largest one that does.
 */
export const checkMemory = (
  spec: NetSpec,
  options: BatchOptions,
  dataSet: DataSet,
  memoryBytes: number,
): void => {
  const memory = trainingMemory(graphOf(spec));
  const fixedBytes = memory.programBytes + memory.weightBytes + dataBytes(dataSet);
  const perImage = bytesPerImage(memory, spec, options);
  const tested = Math.max(dataSet.test.count, dataSet.validation?.count ?? 0);
  const batches = [
    ["train_batch_size", Math.min(options.train_batch_size, dataSet.train.count), perImage.train],
    ["eval_batch_size", Math.min(options.eval_batch_size, tested), perImage.test],
  ] as const;
  for (const [key, batch, bytes] of batches) {
    const needed = fixedBytes + batch * bytes;
    if (needed <= memoryBytes) continue;
    const fitting = Math.floor((memoryBytes - fixedBytes) / bytes);
    throw tooLarge(key, batch, needed, memoryBytes, fitting);
  }
};
