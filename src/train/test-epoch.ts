import type { Net } from "../models/net.js";
import { replaceValue } from "../models/parameter.js";
import { type Tensor, tf } from "../tensor/tf.js";
import { evaluate } from "./evaluate.js";
import { hasFiniteState } from "./finite-state.js";
import { gammaPercentiles } from "./gamma-percentiles.js";
import { recalibrateBatchNorm } from "./recalibrate-batch-norm.js";
import { type EpochEvent, startOfEpoch, type TrainingPosition } from "./training-position.js";
import { lastRate, notFinite, type TrainingRun, type TrainNetOptions } from "./training-run.js";
import { type NetSnapshot, snapshotTensors } from "./workers/net-snapshot.js";
import { checkSameNet } from "./workers/shared-state.js";

/** Remembers the weights and the hysteresis state, so that a test can be undone. */
const snapshotWeights = (net: Net): NetSnapshot => snapshotTensors(net, net.parameters);

/** Runs `action` with the averages of the parameters in the net, if there are any, and puts the values back. */
const withAverage = async (run: TrainingRun, action: () => Promise<void>): Promise<void> => {
  const { average } = run;
  const { net } = run.options;
  if (!average) return action();
  const snapshot = snapshotWeights(net);
  try {
    const values = average.values();
    net.parameters.forEach((parameter, index) => {
      replaceValue(parameter, tf.clone(values[index] as Tensor));
    });
    net.applyConstraints();
    await action();
  } finally {
    snapshot.restore();
  }
};

/**
 * Tests the net after an epoch and moves to the next one. Weight constraints are applied before the test. They persist
 * only if the epoch is complete, as in the reference scripts; a test that is stopped or lies within an epoch is undone. Several
 * workers compare their nets first, and share the images.
 */
export const testEpoch = async (run: TrainingRun): Promise<void> => {
  const { options, position, workers } = run;
  const { net, trainLoader } = options;
  checkSameNet(workers, net);
  const isWhole = position.batchesDone >= trainLoader.batchesPerEpoch;
  const snapshot = snapshotWeights(net);
  let isDone = false;
  try {
    net.applyConstraints();
    await withAverage(run, () => testAndSave(run));
    isDone = isWhole;
  } finally {
    if (isDone) snapshot.discard();
    else snapshot.restore();
  }
  if (isWhole) Object.assign(position, startOfEpoch(position.epoch + 1));
};

/** Tests the net as it is; has it saved if it is the first or the best, or if the last one is kept. */
const testAndSave = async (run: TrainingRun): Promise<void> => {
  const { options, position, workers, stop } = run;
  const { net, hooks, trainLoader } = options;
  const { signal } = stop;
  const { epoch } = position;
  const learningRate = lastRate(run);
  const batches = options.settleBatches ?? 0;
  await recalibrateBatchNorm(net, trainLoader, { epoch: epoch + 1, batches, signal, workers });
  const onBatch = (seen: number): void => {
    signal.throwIfAborted();
    hooks.onTestBatch(seen);
  };
  const test = await evaluate(net, options.testLoader, onBatch, workers);
  if (!Number.isFinite(test.loss)) throw notFinite("test loss", test.loss, epoch, learningRate);
  // Quantizers map NaN to a code, so that a loss may not show it.
  if (!hasFiniteState(net))
    throw notFinite("sum of weights and statistics", Number.NaN, epoch, learningRate);
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
  if (isBest || options.keepsLast || !hooks.hasSaved()) await hooks.save(event);
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
