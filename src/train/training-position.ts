import type { Evaluation } from "./evaluate.js";
import type { GammaPercentiles } from "./gamma-percentiles.js";

/** An epoch with its evaluation, as told to the hooks. */
export interface EpochEvent {
  readonly epoch: number;
  /** Mean over the training images seen; NaN where no step was taken. */
  readonly trainLoss: number;
  /** Percent of the training images seen that were right before their step; NaN where it is not known. */
  readonly trainAccuracy: number;
  readonly test: Evaluation;
  /** Percent, the present epoch included. */
  readonly bestAccuracy: number;
  readonly isBest: boolean;
  /** Of the net at the epoch's end; only in sparse training. */
  readonly gammaPercentiles?: GammaPercentiles | undefined;
}

/** Where a run stands between two steps, in plain numbers: with net and optimizer, all that going on needs. */
export interface TrainingPosition {
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Its batches that are done. */
  readonly batchesDone: number;
  /** Sum of the losses of its images so far. */
  readonly lossSum: number;
  /** Its images so far. */
  readonly imagesSeen: number;
  /** Those of them that were right before their step; null in a run that did not count them from the epoch's start. */
  readonly hits: number | null;
  /** Steps since the start of the run. */
  readonly steps: number;
  /** Percent; -Infinity before the first test. */
  readonly bestAccuracy: number;
  /** The steps behind which the net was last tested; null before the first test. */
  readonly testedSteps: number | null;
  /** The last epoch that was tested, as it was told; null before the first. */
  readonly lastEpoch: EpochEvent | null;
}

/** The part of a position that begins anew with each epoch. */
export const startOfEpoch = (epoch: number) => ({
  epoch,
  batchesDone: 0,
  lossSum: 0,
  imagesSeen: 0,
  hits: 0,
});

/** The position of a new run; one that goes on with a model file has its accuracy to beat. */
export const startingPosition = (
  bestAccuracy: number = Number.NEGATIVE_INFINITY,
): TrainingPosition => ({
  ...startOfEpoch(1),
  steps: 0,
  bestAccuracy,
  testedSteps: null,
  lastEpoch: null,
});
