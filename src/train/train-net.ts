import { chosenClasses } from "../base/chosen-classes.js";
import { QpruneError } from "../base/errors.js";
import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { AdamState } from "../models/adam-state.js";
import type { Net } from "../models/net.js";
import { replaceValue } from "../models/parameter.js";
import { type Tensor, type Tensor2D, tf } from "../tensor/tf.js";
import { type Adam, createAdam } from "./adam.js";
import { evaluate } from "./evaluate.js";
import { gammaPercentiles } from "./gamma-percentiles.js";
import { learningRateAt } from "./learning-rate.js";
import { recalibrateBatchNorm } from "./recalibrate-batch-norm.js";
import { type EpochEvent, startOfEpoch, type TrainingPosition } from "./training-position.js";
import { trainingStep } from "./training-step.js";

/** One training step. */
export interface StepEvent {
  /** From 1. */
  readonly epoch: number;
  /** Steps since the start of the run, from 1. */
  readonly step: number;
  /** Batch of the epoch, from 0. */
  readonly batch: number;
  readonly batches: number;
  /** Images of the epoch seen so far, including this step's. */
  readonly imagesSeen: number;
  readonly batchImages: number;
  /** Mean cross-entropy of the batch before the step. */
  readonly loss: number;
  readonly learningRate: number;
}

/** Callbacks of the trainer. Saving is one of them, so the trainer needs no file system. */
export interface TrainHooks {
  readonly onStep: (event: StepEvent) => void;
  readonly onTestBatch: (imagesSeen: number) => void;
  /** Whether a net of this run has been saved; the first tested net is always saved. */
  readonly hasSaved: () => boolean;
  /** Called before onEpoch for the first tested net of a run and for every net that is the best so far. */
  readonly save: (event: EpochEvent) => Promise<void>;
  readonly onEpoch: (event: EpochEvent) => void;
  /**
   * Receives all that resuming needs besides the net. Called before the first step, every `saveEverySteps` steps, after
   * onEpoch, and when the run is stopped. The tensors belong to the trainer.
   */
  readonly saveState: (position: TrainingPosition, adam: AdamState) => Promise<void>;
}

export interface TrainNetOptions {
  readonly net: Net;
  readonly trainLoader: BatchLoader;
  /** The images that select the best epoch: the test images, or held-out training images. */
  readonly testLoader: BatchLoader;
  readonly epochs: number;
  readonly learningRate: number;
  readonly lrDropEpochs: readonly number[];
  readonly weightDecay: number;
  /** Sparse training: the weight of the penalty on the gammas (see addSparsityGradient). */
  readonly sparsityLambda?: number | undefined;
  /** Training batches from which the running statistics are recalibrated before each test; 0: no recalibration. */
  readonly settleBatches?: number | undefined;
  /** Ends training after this many steps, with a last evaluation. */
  readonly maxSteps: number;
  /** Where the run begins: startingPosition, or the position of a resumed run. */
  readonly position: TrainingPosition;
  /** The optimizer's state of a resumed run; a new run has none. */
  readonly adamState?: AdamState | undefined;
  /** Steps between calls of `saveState` within an epoch; 0: only after epochs. */
  readonly saveEverySteps: number;
  readonly hooks: TrainHooks;
  /** Ends training after the current step. */
  readonly signal: AbortSignal;
}

export interface TrainOutcome {
  readonly bestAccuracy: number;
  readonly isInterrupted: boolean;
}

/** True if nothing is left to do: all epochs are tested, or all steps are taken and tested. */
export const isRunComplete = (
  { epoch, steps, testedSteps }: TrainingPosition,
  { epochs, maxSteps }: Pick<TrainNetOptions, "epochs" | "maxSteps">,
): boolean => epoch > epochs || (testedSteps === steps && steps >= maxSteps);

/**
 * Trains a net by the rules of the reference scripts: Adam, the learning rate times 0.1 at the drops, an evaluation on the
 * test images after every epoch, the best net saved. A seed determines every bit of the result, and a run resumed from a
 * saved position continues exactly as an uninterrupted one.
 * @throws QpruneError if the loss is no longer finite; files saved before remain.
 */
export const trainNet = async (options: TrainNetOptions): Promise<TrainOutcome> => {
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

/** The state of a training run. */
interface Run {
  readonly options: TrainNetOptions;
  readonly adam: Adam;
  readonly position: { -readonly [K in keyof TrainingPosition]: TrainingPosition[K] };
}

const trainEpochs = async (run: Run): Promise<void> => {
  const { options, adam, position } = run;
  const { hooks, signal } = options;
  await hooks.saveState(position, adam.state());
  while (!isRunComplete(position, options)) {
    await trainEpoch(run);
    if (signal.aborted) return;
    await testEpoch(run);
    await hooks.saveState(position, adam.state());
    if (position.steps >= options.maxSteps) return;
  }
};

/** Remembers the weights and the hysteresis state, so that a test can be undone. */
const snapshotWeights = ({ parameters, codes }: Net) => {
  const values = parameters.map(({ value }) => tf.clone(value));
  const states = codes.map((state) => state.codes && tf.clone(state.codes));
  return {
    restore: () => {
      parameters.forEach((parameter, index) => {
        replaceValue(parameter, values[index] as Tensor);
      });
      codes.forEach((state, index) => {
        state.codes?.dispose();
        state.codes = states[index] ?? null;
      });
    },
    discard: () => {
      for (const tensor of [...values, ...states]) tensor?.dispose();
    },
  };
};

/**
 * Tests the net after an epoch and moves to the next one. Weight constraints are applied before the test. They persist
 * only if the epoch is complete, as in the reference scripts; a test that is stopped or lies within an epoch is undone.
 */
const testEpoch = async (run: Run): Promise<void> => {
  const { options, position } = run;
  const { net, trainLoader } = options;
  const isWhole = position.batchesDone >= trainLoader.batchesPerEpoch;
  const snapshot = snapshotWeights(net);
  let isDone = false;
  try {
    net.applyConstraints();
    await testAndSave(run);
    isDone = isWhole;
  } finally {
    if (isDone) snapshot.discard();
    else snapshot.restore();
  }
  if (isWhole) Object.assign(position, startOfEpoch(position.epoch + 1));
};

/** Tests the net as it is; has it saved if it is the first or the best. */
const testAndSave = async ({ options, position }: Run): Promise<void> => {
  const { net, hooks, signal } = options;
  const { epoch } = position;
  const learningRate = learningRateAt(epoch, options.learningRate, options.lrDropEpochs);
  await recalibrateBatchNorm(
    net,
    options.trainLoader,
    epoch + 1,
    options.settleBatches ?? 0,
    signal,
  );
  const test = await evaluate(net, options.testLoader, (seen) => {
    signal.throwIfAborted();
    hooks.onTestBatch(seen);
  });
  if (!Number.isFinite(test.loss)) throw notFinite("test loss", test.loss, epoch, learningRate);
  const isBest = test.accuracy > position.bestAccuracy;
  position.bestAccuracy = Math.max(position.bestAccuracy, test.accuracy);
  const { bestAccuracy } = position;
  const event = {
    epoch,
    ...trainResult(position),
    test,
    bestAccuracy,
    isBest,
    learningRate,
    ...sparsityOf(options),
  };
  if (isBest || !hooks.hasSaved()) await hooks.save(event);
  hooks.onEpoch(event);
  position.lastEpoch = event;
  position.testedSteps = position.steps;
};

/** The epoch's results on the training images. */
const trainResult = ({
  lossSum,
  hits,
  imagesSeen,
}: TrainingPosition): Pick<EpochEvent, "trainLoss" | "trainAccuracy"> => ({
  trainLoss: imagesSeen === 0 ? Number.NaN : lossSum / imagesSeen,
  trainAccuracy: imagesSeen === 0 || hits === null ? Number.NaN : (100 * hits) / imagesSeen,
});

/** The epoch's results on the gammas, in sparse training. */
const sparsityOf = ({
  net,
  sparsityLambda,
}: TrainNetOptions): Pick<EpochEvent, "gammaPercentiles"> =>
  sparsityLambda === undefined ? {} : { gammaPercentiles: gammaPercentiles(net) };

/** The number of rows of logits [n, classes] that predict their label. */
const countHits = (logits: Tensor2D, labels: Int32Array): number =>
  chosenClasses(logits.dataSync(), logits.shape[1]).filter((chosen, row) => chosen === labels[row])
    .length;

/** Trains the rest of an epoch. */
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
      code: "training-diverged",
      hint: "Lower the learning rate, or check the data. The best net saved so far is unchanged.",
    },
  );
