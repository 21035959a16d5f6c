import type { GammaPercentiles } from "./gamma-percentiles.js";
import type { Evaluation } from "./tasks/evaluation.js";

/** An epoch with its evaluation. */
export interface EpochEvent {
  readonly epoch: number;
  /** Mean over the training images seen; NaN if no step was taken. */
  readonly trainLoss: number;
  /** Percent of the training images seen that were classified correctly before their step; NaN if unknown. */
  readonly trainAccuracy: number;
  readonly test: Evaluation;
  /** Percent, the current epoch included. */
  readonly bestAccuracy: number;
  readonly isBest: boolean;
  /** Of its steps. */
  readonly learningRate: number;
  /** Of the net at the end of the epoch; only in sparse training. */
  readonly gammaPercentiles?: GammaPercentiles | undefined;
}

/** The position of a run between two steps, in plain numbers: with net and optimizer, all that resuming needs. */
export interface TrainingPosition {
  /** The current epoch, from 1. */
  readonly epoch: number;
  /** Batches of the epoch that are done. */
  readonly batchesDone: number;
  /** Sum of the losses over the epoch's images so far. */
  readonly lossSum: number;
  /** Images of the epoch so far. */
  readonly imagesSeen: number;
  /** Those of them classified correctly before their step; null if the run did not count from the epoch's start. */
  readonly hits: number | null;
  /** Steps since the start of the run. */
  readonly steps: number;
  /** Percent; -Infinity before the first test. */
  readonly bestAccuracy: number;
  /** The step after which the net was last tested; null before the first test. */
  readonly testedSteps: number | null;
  /** The last tested epoch; null before the first test. */
  readonly lastEpoch: EpochEvent | null;
}

/** The part of a position that is reset for each epoch. */
export const startOfEpoch = (epoch: number) => ({
  epoch,
  batchesDone: 0,
  lossSum: 0,
  imagesSeen: 0,
  hits: 0,
});

/** The position of a new run; a run that continues from a model file starts with that file's accuracy as the best. */
export const startingPosition = (
  bestAccuracy: number = Number.NEGATIVE_INFINITY,
): TrainingPosition => ({
  ...startOfEpoch(1),
  steps: 0,
  bestAccuracy,
  testedSteps: null,
  lastEpoch: null,
});
