import { QpruneError } from "../base/errors.js";
import type { Batch } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import type { TrainerState } from "../models/trainer-state.js";
import { tf } from "../tensor/tf.js";
import { ALONE, type Workers } from "../tensor/workers.js";
import { createOptimizer, DEFAULT_OPTIMIZER } from "./optimizers/create-optimizer.js";
import { taskOf } from "./tasks/task-of.js";
import { testEpoch } from "./test-epoch.js";
import type { TrainingPosition } from "./training-position.js";
import {
  nextRate,
  notFinite,
  stepsDone,
  type TrainingRun,
  type TrainNetOptions,
} from "./training-run.js";
import { trainingStep, wholeImages } from "./training-step.js";
import { createWeightAverage } from "./weight-average.js";
import { agreedStop } from "./workers/agreed-stop.js";
import { type NetSnapshot, snapshotNet } from "./workers/net-snapshot.js";

export interface TrainOutcome {
  readonly bestAccuracy: number;
  readonly isInterrupted: boolean;
  /** Where the run ended. */
  readonly position: TrainingPosition;
}

/** True if nothing is left to do: all epochs are tested, or all steps are taken and tested. */
export const isRunComplete = (
  { epoch, steps, testedSteps }: TrainingPosition,
  { epochs, maxSteps }: Pick<TrainNetOptions, "epochs" | "maxSteps">,
): boolean => epoch > epochs || (testedSteps === steps && steps >= maxSteps);

/**
 * Trains a net. Without further options, by the rules of the reference scripts: Adam, cross-entropy, an evaluation on the
 * test images after every epoch, the best net saved. A seed determines every bit of the result, and a run resumed from a
 * saved position continues exactly as an uninterrupted one. Several workers train together, and stop after the same step.
 * @throws QpruneError if the loss is no longer finite, when files saved before remain; and if a worker is missing, after worker 0
 * has saved the state of the last complete step.
 */
export const trainNet = async (options: TrainNetOptions): Promise<TrainOutcome> => {
  const { net, hooks, trainerState: saved, workers = ALONE } = options;
  const stop = agreedStop(workers, options.signal);
  const { signal } = stop;
  const choice = options.optimizer ?? DEFAULT_OPTIMIZER;
  const optimizer = createOptimizer(choice, net.parameters, saved?.optimizer);
  const average = averageOf(options);
  const position = { ...options.position };
  const run: TrainingRun = { options, optimizer, average, workers, stop, position };
  try {
    await trainEpochs(run).catch(async (error) => {
      if (isMissingWorker(error) && workers.index === 0) {
        await hooks.saveState(run.position, stateOf(run));
      }
      if (!signal.aborted || error !== signal.reason) throw error;
    });
    if (signal.aborted) await hooks.saveState(run.position, stateOf(run));
  } finally {
    optimizer.dispose();
    average?.dispose();
  }
  return { bestAccuracy: position.bestAccuracy, isInterrupted: signal.aborted, position };
};

/** Whether an error means that a worker is missing; the run can then continue later. */
const isMissingWorker = (error: unknown): boolean =>
  error instanceof QpruneError && error.kind === "temporary";

/** The averages of a run, or undefined without averaging; saved ones are then freed. */
const averageOf = ({ net, averageDecay, trainerState }: TrainNetOptions) => {
  if (averageDecay !== undefined) {
    return createWeightAverage(net.parameters, averageDecay, trainerState?.average);
  }
  tf.dispose([...(trainerState?.average ?? [])]);
  return undefined;
};

const stateOf = ({ optimizer, average }: TrainingRun): TrainerState => ({
  optimizer: optimizer.state(),
  average: average?.values(),
});

const trainEpochs = async (run: TrainingRun): Promise<void> => {
  const { options, position, stop } = run;
  const { hooks } = options;
  const { signal } = stop;
  await hooks.saveState(position, stateOf(run));
  while (!isRunComplete(position, options)) {
    await trainEpoch(run);
    if (signal.aborted) return;
    await testEpoch(run);
    await hooks.saveState(position, stateOf(run));
    if (position.steps >= options.maxSteps) return;
  }
};

/** The rest of an epoch's batches in groups of `accumulate`; the last group may be smaller. */
async function* stepBatches({ options, position }: TrainingRun): AsyncGenerator<Batch[]> {
  const { trainLoader, accumulate = 1 } = options;
  const { epoch, batchesDone } = position;
  let group: Batch[] = [];
  for await (const batch of trainLoader.epoch(epoch, { fromBatch: batchesDone })) {
    group.push(batch);
    if (group.length < accumulate) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Trains the rest of an epoch. */
const trainEpoch = async (run: TrainingRun): Promise<void> => {
  const { options, position, stop } = run;
  const { maxSteps, hooks } = options;
  if (position.steps >= maxSteps) return;
  for await (const batches of stepBatches(run)) {
    takeStep(run, batches);
    if (position.steps >= maxSteps || stop.signal.aborted) break;
    const isDue = options.saveEverySteps > 0 && position.steps % options.saveEverySteps === 0;
    if (isDue) await hooks.saveState(position, stateOf(run));
  }
};

/** Runs a step of several workers. If one of them is missing, the net is put back to where it was before. */
const orPutBack = <T>(net: Net, workers: Workers, step: () => T): T => {
  const before: NetSnapshot | undefined = workers.count > 1 ? snapshotNet(net) : undefined;
  try {
    const result = step();
    before?.discard();
    return result;
  } catch (error) {
    before?.restore();
    throw error;
  }
};

/** How often an image of a batch counts: less than once if other workers have it, too. */
const countOf = ({ count, part }: Batch): number => (part ? (part.weight * part.of) / count : 1);

/** Takes one step and reports it. */
const takeStep = (run: TrainingRun, batches: readonly Batch[]): void => {
  const { options, optimizer, average, position, workers, stop } = run;
  const { trainLoader, accumulate = 1, net } = options;
  const learningRate = nextRate(run);
  const { epoch } = position;
  const batch = stepsDone(run);
  const { countHits } = taskOf(options.net.graph);
  const { weightDecay, sparsityLambda, gammaGroups, clipNorm, loss: lossOf } = options;
  let hits = 0;
  const loss = orPutBack(net, workers, () =>
    trainingStep(net, optimizer, batches, {
      ...{
        learningRate,
        weightDecay,
        sparsityLambda,
        gammaGroups,
        clipNorm,
        loss: lossOf,
        workers,
      },
      onLogits: (logits, own) => {
        const counted = position.hits === null ? null : countHits(logits, own);
        if (counted !== null) hits += counted * countOf(own);
        else position.hits = null;
      },
      counted: () => [hits, stop.asked()],
      onCounts: ([allHits = 0, asked = 0]) => {
        hits = allHits;
        stop.agree(asked);
      },
    }),
  );
  const batchImages = batches.reduce((sum, each) => sum + wholeImages(each), 0);
  position.steps++;
  position.imagesSeen += batchImages;
  position.lossSum += loss * batchImages;
  if (position.hits !== null) position.hits += hits;
  if (!Number.isFinite(loss)) throw notFinite("loss", loss, epoch, learningRate);
  average?.update(position.steps);
  options.hooks.onStep({
    epoch,
    step: position.steps,
    batch,
    batches: Math.ceil(trainLoader.batchesPerEpoch / accumulate),
    imagesSeen: position.imagesSeen,
    batchImages,
    loss,
    learningRate,
  });
  position.batchesDone += batches.length;
};
