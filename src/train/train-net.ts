import { QpruneError } from "../base/errors.js";
import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { AdamState } from "../models/adam-state.js";
import type { Net } from "../models/net.js";
import { replaceValue } from "../models/parameter.js";
import { type Tensor, tf } from "../tensor/tf.js";
import { type Adam, createAdam } from "./adam.js";
import { countHits } from "./count-hits.js";
import { evaluate } from "./evaluate.js";
import { gammaPercentiles } from "./gamma-percentiles.js";
import { learningRateAt } from "./learning-rate.js";
import { settleStatistics } from "./settle-statistics.js";
import { type EpochEvent, startOfEpoch, type TrainingPosition } from "./training-position.js";
import { trainingStep } from "./training-step.js";

/** One training step, as told to the hooks. */
export interface StepEvent {
  /** From 1. */
  readonly epoch: number;
  /** Steps since the start of the run, from 1. */
  readonly step: number;
  /** Batch of the epoch, from 0. */
  readonly batch: number;
  readonly batches: number;
  /** Images of the epoch seen so far, this step's included. */
  readonly imagesSeen: number;
  readonly batchImages: number;
  /** Mean cross-entropy of the batch before the step. */
  readonly loss: number;
  readonly learningRate: number;
}

/** What the trainer tells while it works; saving is handed in, so that it needs no file system. */
export interface TrainHooks {
  readonly onStep: (event: StepEvent) => void;
  readonly onTestBatch: (imagesSeen: number) => void;
  /** Whether a net of this run was saved; the first that is tested is, whatever its accuracy. */
  readonly hasSaved: () => boolean;
  /** Called before onEpoch for the first net of a run that is tested, and where an epoch is the best so far. */
  readonly save: (event: EpochEvent) => Promise<void>;
  readonly onEpoch: (event: EpochEvent) => void;
  /**
   * Called before the first step, every so many steps, behind the line of each epoch, and where the run is stopped: all
   * that going on needs beside the net. The tensors are the trainer's.
   */
  readonly saveState: (position: TrainingPosition, adam: AdamState) => Promise<void>;
}

export interface TrainOptions {
  readonly net: Net;
  readonly trainLoader: BatchLoader;
  /** The images by which the best epoch is chosen: those for testing, or held-out training images. */
  readonly testLoader: BatchLoader;
  readonly epochs: number;
  readonly learningRate: number;
  readonly lrDropEpochs: readonly number[];
  readonly weightDecay: number;
  /** Sparse training: the weight of the penalty on the gammas (see addSparsityGradient). */
  readonly sparsityLambda?: number | undefined;
  /** Training batches over which the running statistics are taken anew before each test; 0 leaves them. */
  readonly settleBatches?: number | undefined;
  /** Ends training after so many steps; what follows is a last evaluation. */
  readonly maxSteps: number;
  /** Where the run begins: startingPosition, or that of a run which goes on. */
  readonly position: TrainingPosition;
  /** The optimizer of a run which goes on; a new one is made where it is absent. */
  readonly adamState?: AdamState | undefined;
  /** Steps between two calls of `saveState` within an epoch; 0 calls it only behind epochs. */
  readonly saveEverySteps: number;
  readonly hooks: TrainHooks;
  /** Ends training after the present step. */
  readonly signal: AbortSignal;
}

export interface TrainOutcome {
  readonly bestAccuracy: number;
  readonly isInterrupted: boolean;
}

/** True where nothing is left to be done: all epochs are tested, or all steps taken and tested. */
export const isTrained = (
  { epoch, steps, testedSteps }: TrainingPosition,
  { epochs, maxSteps }: Pick<TrainOptions, "epochs" | "maxSteps">,
): boolean => epoch > epochs || (testedSteps === steps && steps >= maxSteps);

/**
 * Trains a net as the original does: Adam, the learning rate times 0.1 at the drops, an evaluation on
 * the test images after every epoch, the best one saved. Deterministic to the bit for a seed; a run that
 * goes on from a saved position does what it would have done.
 * @throws QpruneError where the loss is no longer finite; what was saved before stays.
 */
export const trainNet = async (options: TrainOptions): Promise<TrainOutcome> => {
  const { net, hooks, signal } = options;
  const adam = createAdam(net.parameters, options.adamState);
  const run: Run = { options, adam, position: { ...options.position } };
  try {
    await trainEpochs(run).catch((error) => {
      if (!signal.aborted || error !== signal.reason) throw error;
    });
    if (signal.aborted) await hooks.saveState(run.position, adam.state());
  } finally {
    adam.dispose();
  }
  return { bestAccuracy: run.position.bestAccuracy, isInterrupted: signal.aborted };
};

/** A run under way. */
interface Run {
  readonly options: TrainOptions;
  readonly adam: Adam;
  readonly position: { -readonly [K in keyof TrainingPosition]: TrainingPosition[K] };
}

const trainEpochs = async (run: Run): Promise<void> => {
  const { options, adam, position } = run;
  const { hooks, signal } = options;
  await hooks.saveState(position, adam.state());
  while (!isTrained(position, options)) {
    await trainEpoch(run);
    if (signal.aborted) return;
    await testEpoch(run);
    await hooks.saveState(position, adam.state());
    if (position.steps >= options.maxSteps) return;
  }
};

/** Weights and codes as they are, to be put back or let go. */
const keepWeights = ({ parameters, codes }: Net) => {
  const values = parameters.map(({ value }) => tf.clone(value));
  const remembered = codes.map((memory) => memory.codes && tf.clone(memory.codes));
  return {
    putBack: () => {
      parameters.forEach((parameter, at) => {
        replaceValue(parameter, values[at] as Tensor);
      });
      codes.forEach((memory, at) => {
        memory.codes?.dispose();
        memory.codes = remembered[at] ?? null;
      });
    },
    letGo: () => {
      for (const tensor of [...values, ...remembered]) tensor?.dispose();
    },
  };
};

/**
 * Tests the net behind an epoch and moves to the next one. The constraint that precedes a test stays only where
 * the epoch is done, as in the original: a test that is stopped, or lies within an epoch, leaves no trace.
 */
const testEpoch = async (run: Run): Promise<void> => {
  const { options, position } = run;
  const { net, trainLoader } = options;
  const isWhole = position.batchesDone >= trainLoader.batchesPerEpoch;
  const weights = keepWeights(net);
  let isDone = false;
  try {
    net.constrain();
    await testAndSave(run);
    isDone = isWhole;
  } finally {
    if (isDone) weights.letGo();
    else weights.putBack();
  }
  if (isWhole) Object.assign(position, startOfEpoch(position.epoch + 1));
};

/** Tests the net as it is, and has it saved where it is the best or the first. */
const testAndSave = async ({ options, position }: Run): Promise<void> => {
  const { net, hooks, signal } = options;
  const { epoch } = position;
  await settleStatistics(net, options.trainLoader, epoch + 1, options.settleBatches ?? 0, signal);
  const test = await evaluate(net, options.testLoader, (seen) => {
    signal.throwIfAborted();
    hooks.onTestBatch(seen);
  });
  if (!Number.isFinite(test.loss))
    throw notFinite("test loss", test.loss, epoch, options.learningRate);
  const isBest = test.accuracy > position.bestAccuracy;
  position.bestAccuracy = Math.max(position.bestAccuracy, test.accuracy);
  const { bestAccuracy } = position;
  const train = trainResult(position);
  const event = { epoch, ...train, test, bestAccuracy, isBest, ...sparsityOf(options) };
  if (isBest || !hooks.hasSaved()) await hooks.save(event);
  hooks.onEpoch(event);
  position.lastEpoch = event;
  position.testedSteps = position.steps;
};

/** What an epoch tells of the images that it was trained on. */
const trainResult = ({
  lossSum,
  hits,
  imagesSeen,
}: TrainingPosition): Pick<EpochEvent, "trainLoss" | "trainAccuracy"> => ({
  trainLoss: imagesSeen === 0 ? Number.NaN : lossSum / imagesSeen,
  trainAccuracy: imagesSeen === 0 || hits === null ? Number.NaN : (100 * hits) / imagesSeen,
});

/** What an epoch tells of the gammas. */
const sparsityOf = ({ net, sparsityLambda }: TrainOptions): Pick<EpochEvent, "gammaPercentiles"> =>
  sparsityLambda === undefined ? {} : { gammaPercentiles: gammaPercentiles(net) };

/** Trains what is left of an epoch. */
const trainEpoch = async ({ options, adam, position }: Run): Promise<void> => {
  const { net, trainLoader, weightDecay, sparsityLambda, maxSteps, signal, hooks } = options;
  const { epoch } = position;
  const learningRate = learningRateAt(epoch, options.learningRate, options.lrDropEpochs);
  if (position.steps >= maxSteps) return;
  for await (const batch of trainLoader.epoch(epoch, { fromBatch: position.batchesDone })) {
    const loss = trainingStep(net, adam, batch, {
      learningRate,
      weightDecay,
      sparsityLambda,
      onLogits: (logits) => {
        if (position.hits !== null) position.hits += countHits(logits, batch.labels);
      },
    });
    position.steps++;
    position.imagesSeen += batch.count;
    position.lossSum += loss * batch.count;
    if (!Number.isFinite(loss)) throw notFinite("loss", loss, epoch, learningRate);
    hooks.onStep({
      epoch,
      step: position.steps,
      batch: position.batchesDone,
      batches: trainLoader.batchesPerEpoch,
      imagesSeen: position.imagesSeen,
      batchImages: batch.count,
      loss,
      learningRate,
    });
    position.batchesDone++;
    if (position.steps >= maxSteps || signal.aborted) break;
    const isDue = options.saveEverySteps > 0 && position.steps % options.saveEverySteps === 0;
    if (isDue) await hooks.saveState(position, adam.state());
  }
};

const notFinite = (what: string, loss: number, epoch: number, learningRate: number): QpruneError =>
  new QpruneError(
    `The ${what} became ${loss} in epoch ${epoch}, at learning rate ${learningRate}: training has diverged.`,
    {
      hint: "Lower --lr, or check the data. The best file that was saved before is untouched.",
    },
  );
