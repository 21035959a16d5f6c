import type { Batch } from "../data/batches/batch-loader.js";
import type { TrainerState } from "../models/trainer-state.js";
import { tf } from "../tensor/tf.js";
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
import { trainingStep } from "./training-step.js";
import { createWeightAverage } from "./weight-average.js";

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
 * saved position continues exactly as an uninterrupted one.
 * @throws QpruneError if the loss is no longer finite; files saved before remain.
 */
export const trainNet = async (options: TrainNetOptions): Promise<TrainOutcome> => {
  const { net, hooks, signal, trainerState: saved } = options;
  const choice = options.optimizer ?? DEFAULT_OPTIMIZER;
  const optimizer = createOptimizer(choice, net.parameters, saved?.optimizer);
  const average = averageOf(options);
  const run: TrainingRun = { options, optimizer, average, position: { ...options.position } };
  try {
    await trainEpochs(run).catch((error) => {
      if (!signal.aborted || error !== signal.reason) throw error;
    });
    if (signal.aborted) await hooks.saveState(run.position, stateOf(run));
  } finally {
    optimizer.dispose();
    average?.dispose();
  }
  const { position } = run;
  return { bestAccuracy: position.bestAccuracy, isInterrupted: signal.aborted, position };
};

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
  const { options, position } = run;
  const { hooks, signal } = options;
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
  const { options, position } = run;
  const { maxSteps, signal, hooks } = options;
  if (position.steps >= maxSteps) return;
  for await (const batches of stepBatches(run)) {
    takeStep(run, batches);
    if (position.steps >= maxSteps || signal.aborted) break;
    const isDue = options.saveEverySteps > 0 && position.steps % options.saveEverySteps === 0;
    if (isDue) await hooks.saveState(position, stateOf(run));
  }
};

/** Takes one step and reports it. */
const takeStep = (run: TrainingRun, batches: readonly Batch[]): void => {
  const { options, optimizer, average, position } = run;
  const { trainLoader, accumulate = 1 } = options;
  const learningRate = nextRate(run);
  const { epoch } = position;
  const batch = stepsDone(run);
  const { countHits } = taskOf(options.net.graph);
  const { weightDecay, sparsityLambda, gammaGroups, clipNorm, loss: lossOf } = options;
  const loss = trainingStep(options.net, optimizer, batches, {
    ...{ learningRate, weightDecay, sparsityLambda, gammaGroups, clipNorm, loss: lossOf },
    onLogits: (logits, batch) => {
      if (position.hits === null) return;
      const hits = countHits(logits, batch);
      position.hits = hits === null ? null : position.hits + hits;
    },
  });
  const batchImages = batches.reduce((sum, { count }) => sum + count, 0);
  position.steps++;
  position.imagesSeen += batchImages;
  position.lossSum += loss * batchImages;
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
