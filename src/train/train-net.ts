import { QpruneError } from "../core/errors.js";
import type { BatchLoader } from "../data/batch-loader.js";
import type { Net } from "../models/net.js";
import { createAdam } from "./adam.js";
import { type Evaluation, evaluate } from "./evaluate.js";
import { type GammaPercentiles, gammaPercentiles } from "./gamma-percentiles.js";
import { learningRateAt } from "./learning-rate.js";
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

/** An epoch with its evaluation, as told to the hooks. */
export interface EpochEvent {
  readonly epoch: number;
  /** Mean over the training images seen; NaN where no step was taken. */
  readonly trainLoss: number;
  readonly test: Evaluation;
  /** Percent, the present epoch included. */
  readonly bestAccuracy: number;
  readonly isBest: boolean;
  /** Of the net at the epoch's end; only in sparse training. */
  readonly gammaPercentiles?: GammaPercentiles;
}

/** What the trainer tells while it works; saving is handed in, so that it needs no file system. */
export interface TrainHooks {
  readonly onStep: (event: StepEvent) => void;
  readonly onTestBatch: (imagesSeen: number) => void;
  /** Called before onEpoch after the first evaluation of a run, and where an epoch is the best so far. */
  readonly save: (event: EpochEvent) => Promise<void>;
  readonly onEpoch: (event: EpochEvent) => void;
}

export interface TrainOptions {
  readonly net: Net;
  readonly trainLoader: BatchLoader;
  readonly testLoader: BatchLoader;
  readonly epochs: number;
  readonly learningRate: number;
  readonly lrDropEpochs: readonly number[];
  readonly weightDecay: number;
  /** Sparse training: the weight of the penalty on the gammas (see addSparsityGradient). */
  readonly sparsityLambda?: number | undefined;
  /** Ends training after so many steps; what follows is a last evaluation. */
  readonly maxSteps: number;
  /** Best accuracy of an earlier run that goes on; -Infinity where there is none. */
  readonly bestAccuracy: number;
  readonly hooks: TrainHooks;
  /** Ends training after the present step. */
  readonly signal: AbortSignal;
}

export interface TrainOutcome {
  readonly bestAccuracy: number;
  readonly isInterrupted: boolean;
}

/**
 * Trains a net as the original does: Adam, the learning rate times 0.1 at the drops, an evaluation on
 * the test images after every epoch, the best one saved. Deterministic to the bit for a seed.
 * @throws QpruneError where the loss is no longer finite; what was saved before stays.
 */
export const trainNet = async (options: TrainOptions): Promise<TrainOutcome> => {
  const { net, hooks, signal } = options;
  const adam = createAdam(net.parameters);
  const progress = { steps: 0, bestAccuracy: options.bestAccuracy };
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      const trainLoss = await trainEpoch(options, adam, epoch, progress);
      if (signal.aborted) break;
      net.constrain();
      const test = await evaluate(net, options.testLoader, (seen) => {
        signal.throwIfAborted();
        hooks.onTestBatch(seen);
      });
      if (!Number.isFinite(test.loss))
        throw notFinite("test loss", test.loss, epoch, options.learningRate);
      const isBest = test.accuracy > progress.bestAccuracy;
      progress.bestAccuracy = Math.max(progress.bestAccuracy, test.accuracy);
      const { bestAccuracy } = progress;
      const event = { epoch, trainLoss, test, bestAccuracy, isBest, ...sparsityOf(options) };
      if (isBest || epoch === 1) await hooks.save(event);
      hooks.onEpoch(event);
      if (progress.steps >= options.maxSteps) break;
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  } finally {
    adam.dispose();
  }
  return { bestAccuracy: progress.bestAccuracy, isInterrupted: signal.aborted };
};

/** What an epoch tells of the gammas. */
const sparsityOf = ({ net, sparsityLambda }: TrainOptions): Pick<EpochEvent, "gammaPercentiles"> =>
  sparsityLambda === undefined ? {} : { gammaPercentiles: gammaPercentiles(net) };

/** Trains one epoch and returns its mean loss. */
const trainEpoch = async (
  options: TrainOptions,
  adam: ReturnType<typeof createAdam>,
  epoch: number,
  progress: { steps: number },
): Promise<number> => {
  const { net, trainLoader, weightDecay, sparsityLambda, maxSteps, signal, hooks } = options;
  const learningRate = learningRateAt(epoch, options.learningRate, options.lrDropEpochs);
  if (progress.steps >= maxSteps) return Number.NaN;
  let lossSum = 0;
  let imagesSeen = 0;
  let batchIndex = 0;
  for await (const batch of trainLoader.epoch(epoch)) {
    const loss = trainingStep(net, adam, batch, { learningRate, weightDecay, sparsityLambda });
    progress.steps++;
    imagesSeen += batch.count;
    lossSum += loss * batch.count;
    if (!Number.isFinite(loss)) throw notFinite("loss", loss, epoch, learningRate);
    hooks.onStep({
      epoch,
      step: progress.steps,
      batch: batchIndex,
      batches: trainLoader.batchesPerEpoch,
      imagesSeen,
      batchImages: batch.count,
      loss,
      learningRate,
    });
    batchIndex++;
    if (progress.steps >= maxSteps || signal.aborted) break;
  }
  return lossSum / imagesSeen;
};

const notFinite = (what: string, loss: number, epoch: number, learningRate: number): QpruneError =>
  new QpruneError(
    `The ${what} became ${loss} in epoch ${epoch}, at learning rate ${learningRate}: training has diverged.`,
    {
      hint: "Lower --lr, or check the data. The best file that was saved before is untouched.",
    },
  );
