import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { Batch, BatchLoader } from "../../../data/batches/batch-loader.js";
import {
  openTensorBoardWriter,
  type TensorBoardWriter,
} from "../../../engine/tensorboard-writer.js";
import { toImageTensor } from "../../../train/image-tensor.js";
import type { EpochEvent } from "../../../train/training-position.js";
import type { StepEvent } from "../../../train/training-run.js";
import type { Run } from "../run.js";
import { weightCodes } from "./weight-codes.js";

/** Logs a run for TensorBoard. */
export interface RunLog {
  readonly step: (event: StepEvent) => void;
  readonly epoch: (event: EpochEvent) => void;
}

const SILENT: RunLog = { step: () => {}, epoch: () => {} };

/** The writer's time grows with codes times buckets, so larger kernels are sampled and many codes share a bucket. */
const MAX_CODES = 2 ** 18;
const MAX_BUCKETS = 32;

const firstBatch = async (loader: BatchLoader): Promise<Batch | undefined> => {
  for await (const batch of loader.epoch(0)) return batch;
  return undefined;
};

const logResults = (writer: TensorBoardWriter, event: EpochEvent, { dataSet }: Run): void => {
  const chosenBy = dataSet.validation ? "validation" : "test";
  const { epoch, trainLoss, trainAccuracy, test, learningRate } = event;
  const scalars = {
    "loss/train": trainLoss,
    [`loss/${chosenBy}`]: test.loss,
    "accuracy/train": trainAccuracy,
    [`accuracy/${chosenBy}`]: test.accuracy,
    learning_rate: learningRate,
  };
  for (const [name, value] of Object.entries(scalars)) {
    if (Number.isFinite(value)) writer.scalar(name, value, epoch);
  }
};

const logClipping = (
  writer: TensorBoardWriter,
  epoch: number,
  batch: Batch,
  { net }: Run,
): void => {
  const images = toImageTensor(batch, net.spec);
  for (const { name, rate } of net.saturationRates(images)) {
    writer.scalar(`clipped_activations/${name}`, rate, epoch);
  }
  images.dispose();
};

const logCodes = (writer: TensorBoardWriter, epoch: number, { net }: Run): void => {
  for (const { name, codes, values } of weightCodes(net)) {
    const stride = Math.ceil(codes.length / MAX_CODES);
    const data = Float32Array.from(
      { length: Math.ceil(codes.length / stride) },
      (_, index) => codes[index * stride] as number,
    );
    const buckets = Math.min(values, MAX_BUCKETS);
    writer.histogram(`weight_codes/${name}`, { data, buckets }, epoch);
  }
};

/**
 * Creates the folder of `log_dir`.
 * @throws QpruneError (usage) if it cannot be created or written.
 */
const openLogFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new QpruneError(
      `${option("log_dir")} ${folder} cannot be used: ${(cause as Error).message}`,
      {
        kind: "usage",
        hint: `Choose a writable folder with ${option("log_dir")}.`,
        cause,
      },
    );
  }
};

/**
 * Opens the TensorBoard log of a run if `log_dir` is given. It logs the loss every `log_every` steps and, after every
 * epoch, results, learning rate, saturation rates of the activations on the first test batch, and histograms of weight
 * codes. Logging uses no random numbers and does not change the net.
 * @throws QpruneError (usage) if the folder cannot be used, or the engine is not the native one.
 */
export const openRunLog = async (run: Run, testLoader: BatchLoader): Promise<RunLog> => {
  const { log_dir: folder, log_every: every } = run.call.options;
  if (folder === undefined) return SILENT;
  await openLogFolder(folder);
  const writer = openTensorBoardWriter(folder);
  const batch = await firstBatch(testLoader);
  return {
    step: ({ step, batch: number, loss }) => {
      if (number % every === 0) writer.scalar("loss/step", loss, step);
    },
    epoch: (event) => {
      logResults(writer, event, run);
      if (batch) logClipping(writer, event.epoch, batch, run);
      logCodes(writer, event.epoch, run);
      writer.flush();
    },
  };
};
