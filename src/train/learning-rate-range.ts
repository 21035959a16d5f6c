import { QpruneError } from "../base/errors.js";
import type { Batch, BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { createOptimizer, DEFAULT_OPTIMIZER } from "./optimizers/create-optimizer.js";
import type { TrainNetOptions } from "./training-run.js";
import { trainingStep } from "./training-step.js";

/** A step of the test with its learning rate. */
export interface RatePoint {
  readonly learningRate: number;
  /** Moving mean of the losses before the steps. */
  readonly loss: number;
}

/** The result of a learning-rate range test. */
export interface RateRange {
  readonly points: readonly RatePoint[];
  /** The highest rate that a run should use. */
  readonly learningRate: number;
}

const STEPS = 120;
const LOWEST = 1e-6;
const HIGHEST = 10;
/** Of the mean of losses; the first steps are corrected for starting at 0. */
const SMOOTHING = 0.9;
/** The test ends when the loss is this many times the lowest one. */
const DIVERGED = 4;
/** The chosen rate is that of the lowest loss divided by this. */
const SAFETY = 10;

export interface RangeTest
  extends Pick<
    TrainNetOptions,
    "optimizer" | "weightDecay" | "loss" | "clipNorm" | "sparsityLambda" | "gammaGroups" | "signal"
  > {
  /** A net at the start of its run; the test changes its weights. */
  readonly net: Net;
  readonly loader: BatchLoader;
}

/** The training batches of the first epochs, without end. */
async function* endlessBatches(loader: BatchLoader): AsyncGenerator<Batch> {
  for (let epoch = 1; ; epoch++) yield* loader.epoch(epoch);
}

const lowest = (points: readonly RatePoint[]): RatePoint =>
  points.reduce((least, point) => (point.loss < least.loss ? point : least));

/** Two digits are more than the test determines. */
const rounded = (rate: number): number => Number(rate.toPrecision(2));

/** The point of a step, after the losses so far; undefined if training has diverged. */
const pointOf = (
  learningRate: number,
  losses: readonly number[],
  earlier: readonly RatePoint[],
): RatePoint | undefined => {
  const sum = losses.reduce((mean, loss) => SMOOTHING * mean + (1 - SMOOTHING) * loss, 0);
  const loss = sum / (1 - SMOOTHING ** losses.length);
  const hasDiverged = earlier.length > 0 && loss > DIVERGED * lowest(earlier).loss;
  return Number.isFinite(loss) && !hasDiverged ? { learningRate, loss } : undefined;
};

/**
 * A learning-rate range test: trains for up to 120 steps while the rate grows geometrically from 1e-6 to 10, and stops
 * when the loss grows to four times its lowest (Smith 2017, "Cyclical Learning Rates for Training Neural Networks",
 * section 3.3). The chosen rate is a tenth of the one with the lowest loss, rounded to two digits.
 * @throws QpruneError if the first loss is not finite.
 */
export const findLearningRate = async (test: RangeTest): Promise<RateRange> => {
  const { net, loader, signal, weightDecay, loss, clipNorm, sparsityLambda, gammaGroups } = test;
  const optimizer = createOptimizer(test.optimizer ?? DEFAULT_OPTIMIZER, net.parameters);
  const losses: number[] = [];
  const points: RatePoint[] = [];
  try {
    for await (const batch of endlessBatches(loader)) {
      signal.throwIfAborted();
      const learningRate = LOWEST * (HIGHEST / LOWEST) ** (losses.length / (STEPS - 1));
      const options = { learningRate, weightDecay, loss, clipNorm, sparsityLambda, gammaGroups };
      losses.push(trainingStep(net, optimizer, batch, options));
      const point = pointOf(learningRate, losses, points);
      if (!point) break;
      points.push(point);
      if (losses.length === STEPS) break;
    }
  } finally {
    optimizer.dispose();
  }
  if (points.length === 0) {
    throw new QpruneError(`The loss is ${losses[0]} before the first step.`, {
      code: "training-diverged",
      hint: "Check the data and the net that training starts from.",
    });
  }
  return { points, learningRate: rounded(lowest(points).learningRate / SAFETY) };
};
