import { QpruneError } from "../base/errors.js";
import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import type { TrainerState } from "../models/trainer-state.js";
import type { Workers } from "../tensor/workers.js";
import type { Loss } from "./losses/loss.js";
import type { OptimizerChoice } from "./optimizers/create-optimizer.js";
import type { Optimizer } from "./optimizers/optimizer.js";
import type { Schedule } from "./schedules/schedule.js";
import type { GammaGroups } from "./sparsity.js";
import type { EpochEvent, TrainingPosition } from "./training-position.js";
import type { WeightAverage } from "./weight-average.js";
import type { AgreedStop } from "./workers/agreed-stop.js";

/** One training step. */
export interface StepEvent {
  /** From 1. */
  readonly epoch: number;
  /** Steps since the start of the run, from 1. */
  readonly step: number;
  /** Step of the epoch, from 0. */
  readonly batch: number;
  /** Steps per epoch. */
  readonly batches: number;
  /** Images of the epoch seen so far, including this step's. */
  readonly imagesSeen: number;
  readonly batchImages: number;
  /** Mean loss of the step's images before the step. */
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
  readonly saveState: (position: TrainingPosition, trainer: TrainerState) => Promise<void>;
}

export interface TrainNetOptions {
  readonly net: Net;
  readonly trainLoader: BatchLoader;
  /** The images that select the best epoch: the test images, or held-out training images. */
  readonly testLoader: BatchLoader;
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly weightDecay: number;
  /** Adam if absent. */
  readonly optimizer?: OptimizerChoice | undefined;
  /** That of the net's task if absent. */
  readonly loss?: Loss | undefined;
  /** Batches per step; 1 if absent. The last step of an epoch may have fewer. */
  readonly accumulate?: number | undefined;
  /** The largest norm of a step's gradients; unlimited if absent. */
  readonly clipNorm?: number | undefined;
  /** Tests and saves moving averages of the parameters with this decay (see createWeightAverage). */
  readonly averageDecay?: number | undefined;
  /** Sparse training: the weight of the penalty on the gammas (see addSparsityGradient). */
  readonly sparsityLambda?: number | undefined;
  /** Sparse training of channel groups: the group of each gamma (see addGroupSparsityGradient). */
  readonly gammaGroups?: GammaGroups | undefined;
  /** Training batches from which the running statistics are recalibrated before each test; 0: no recalibration. */
  readonly settleBatches?: number | undefined;
  /** Saves the net of every tested epoch, so that the last one remains; by default only the best. */
  readonly keepsLast?: boolean | undefined;
  /** Ends training after this many steps, with a last evaluation. */
  readonly maxSteps: number;
  /** Where the run begins: startingPosition, or the position of a resumed run. */
  readonly position: TrainingPosition;
  /** The optimizer and averages of a resumed run, which the trainer takes over; a new run has none. */
  readonly trainerState?: TrainerState | undefined;
  /** Steps between calls of `saveState` within an epoch; 0: only after epochs. */
  readonly saveEverySteps: number;
  readonly hooks: TrainHooks;
  /** Ends training after the current step. */
  readonly signal: AbortSignal;
  /** The processes that train the net together; this one alone if absent. The loaders serve the share of this one. */
  readonly workers?: Workers | undefined;
}

/** The state of a training run. */
export interface TrainingRun {
  readonly options: TrainNetOptions;
  readonly optimizer: Optimizer;
  readonly average: WeightAverage | undefined;
  readonly workers: Workers;
  readonly stop: AgreedStop;
  readonly position: { -readonly [K in keyof TrainingPosition]: TrainingPosition[K] };
}

/** Steps of the current epoch that are done. */
export const stepsDone = ({ position, options }: Pick<TrainingRun, "position" | "options">) =>
  Math.ceil(position.batchesDone / (options.accumulate ?? 1));

/** The learning rate of the next step. */
export const nextRate = (run: Pick<TrainingRun, "position" | "options">): number =>
  run.options.schedule({ epoch: run.position.epoch, stepOfEpoch: stepsDone(run) });

/** The learning rate of the epoch's last step so far. */
export const lastRate = (run: Pick<TrainingRun, "position" | "options">): number =>
  run.options.schedule({
    epoch: run.position.epoch,
    stepOfEpoch: Math.max(stepsDone(run) - 1, 0),
  });

export const notFinite = (
  what: string,
  loss: number,
  epoch: number,
  learningRate: number,
): QpruneError =>
  new QpruneError(
    `The ${what} became ${loss} in epoch ${epoch}, at learning rate ${learningRate}: training has diverged.`,
    {
      code: "training-diverged",
      hint: "Lower the learning rate, or check the data. The best net saved so far is unchanged.",
    },
  );
