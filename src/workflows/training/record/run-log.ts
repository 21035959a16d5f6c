import type { Batch, BatchLoader } from "../../../data/batches/batch-loader.js";
import { openSummaryWriter, type SummaryWriter } from "../../../engine/summary-writer.js";
import { packageVersion } from "../../../files/package-version.js";
import { toImageTensor } from "../../../train/image-tensor.js";
import { learningRateAt } from "../../../train/learning-rate.js";
import type { StepEvent } from "../../../train/train-net.js";
import type { EpochEvent } from "../../../train/training-position.js";
import type { Run } from "../run.js";
import { openLogFolder } from "./open-log-folder.js";
import { weightCodes } from "./weight-codes.js";

/** What is logged of a run for TensorBoard. */
export interface RunLog {
  readonly step: (event: StepEvent) => void;
  readonly epoch: (event: EpochEvent) => void;
}

const SILENT: RunLog = { step: () => {}, epoch: () => {} };

/** The writer spreads every code over all buckets, so larger kernels are sampled and many codes share a bucket. */
const MOST_CODES = 2 ** 18;
const MOST_BUCKETS = 32;

const firstBatch = async (loader: BatchLoader): Promise<Batch | undefined> => {
  for await (const batch of loader.epoch(0)) return batch;
  return undefined;
};

const logResults = (writer: SummaryWriter, event: EpochEvent, { call, dataSet }: Run): void => {
  const chosenBy = dataSet.validation ? "validation" : "test";
  const { epoch, trainLoss, trainAccuracy, test } = event;
  const scalars = {
    "loss/train": trainLoss,
    [`loss/${chosenBy}`]: test.loss,
    "accuracy/train": trainAccuracy,
    [`accuracy/${chosenBy}`]: test.accuracy,
    learning_rate: learningRateAt(epoch, call.options.lr, call.options.lr_drops),
  };
  for (const [name, value] of Object.entries(scalars)) {
    if (Number.isFinite(value)) writer.scalar(name, value, epoch);
  }
};

const logClipping = (writer: SummaryWriter, epoch: number, batch: Batch, { net }: Run): void => {
  const images = toImageTensor(batch, net.spec);
  for (const { name, rate } of net.saturationRates(images)) {
    writer.scalar(`clipped_activations/${name}`, rate, epoch);
  }
  images.dispose();
};

const logCodes = (writer: SummaryWriter, epoch: number, { net, dataSet }: Run): void => {
  const about = { dataSet: dataSet.info, epoch, isFinished: false, version: packageVersion() };
  for (const { name, codes, values } of weightCodes(net, about)) {
    const stride = Math.ceil(codes.length / MOST_CODES);
    const data = Float32Array.from(
      { length: Math.ceil(codes.length / stride) },
      (_, at) => codes[at * stride] as number,
    );
    const buckets = Math.min(values, MOST_BUCKETS);
    writer.histogram(`weight_codes/${name}`, { data, buckets }, epoch);
  }
};

/**
 * Logs a run's numbers for TensorBoard where `log_dir` is given: the loss every `log_every` steps, and after every
 * epoch results, learning rate, the share of clipped activations on the first test batch, and histograms of the weight
 * codes. It draws nothing and leaves the net as it is. Without `log_dir` nothing is computed.
 * @throws QpruneError (usage) where the folder cannot be used, or the engine is not the native one.
 */
export const openRunLog = async (run: Run, testLoader: BatchLoader): Promise<RunLog> => {
  const { log_dir: folder, log_every: every } = run.call.options;
  if (folder === undefined) return SILENT;
  await openLogFolder(folder);
  const writer = openSummaryWriter(folder);
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
