import { type TrainingMemory, trainingMemory } from "../../../analysis/training-memory.js";
import { QpruneError } from "../../../base/errors.js";
import { FLOAT_BYTES } from "../../../base/float-bytes.js";
import { option } from "../../../base/option-reference.js";
import type { DataSet, ImageSet } from "../../../data/data-set.js";
import type { NetSpec } from "../../../models/spec.js";
import type { TrainingOptions } from "../training-call.js";

type BatchOptions = Pick<TrainingOptions, "train_batch_size" | "eval_batch_size" | "num_workers">;

/** Batches that are ready or being made while one is used (see createBatchLoader), and that one. */
const batchesInHand = ({ num_workers: workers }: BatchOptions): number =>
  workers === 0 ? 2 : 2 * workers + 3;

/** Images in memory; those of a file are not, and a part that is held out shares its bytes. */
const dataBytes = ({ train, test }: DataSet): number =>
  [train, test].reduce((sum, { images }: ImageSet) => sum + images.byteLength, 0);

/** What one image of a batch needs, its pixels in all batches in hand included. */
const bytesAnImage = (
  { bytesPerTrainedImage, bytesPerTestedImage }: TrainingMemory,
  { input }: NetSpec,
  options: BatchOptions,
): Record<"train" | "test", number> => {
  const pixels = FLOAT_BYTES * input.height * input.width * input.channels;
  const ready = batchesInHand(options) * pixels;
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
    `A batch of ${batch} images needs about ${gigabytes(needed)}, but the memory holds ${gigabytes(memoryBytes)}.`,
    {
      kind: "usage",
      hint:
        fitting >= 1
          ? `Take ${option(key)} ${fitting}, or less.`
          : `Not even one image fits: take a smaller ${option("width")} or ${option("image_size")}, or fewer images with ${option("train_limit")}.`,
    },
  );

/**
 * Estimates what a run needs before its first step (see trainingMemory).
 * @param memoryBytes what the process may use
 * @throws QpruneError (usage) for a batch that does not fit, with the largest that does.
 */
export const checkMemory = (
  spec: NetSpec,
  options: BatchOptions,
  dataSet: DataSet,
  memoryBytes: number,
): void => {
  const memory = trainingMemory(spec);
  const always = memory.programBytes + memory.weightBytes + dataBytes(dataSet);
  const perImage = bytesAnImage(memory, spec, options);
  const tested = Math.max(dataSet.test.count, dataSet.validation?.count ?? 0);
  const batches = [
    ["train_batch_size", Math.min(options.train_batch_size, dataSet.train.count), perImage.train],
    ["eval_batch_size", Math.min(options.eval_batch_size, tested), perImage.test],
  ] as const;
  for (const [key, batch, bytes] of batches) {
    const needed = always + batch * bytes;
    if (needed <= memoryBytes) continue;
    const fitting = Math.floor((memoryBytes - always) / bytes);
    throw tooLarge(key, batch, needed, memoryBytes, fitting);
  }
};
