import type { Net } from "../models/net.js";
import { replaceValue } from "../models/parameter.js";
import { type Tensor, tf } from "../tensor/tf.js";
import { evaluate } from "./evaluate.js";
import { gammaPercentiles } from "./gamma-percentiles.js";
import { recalibrateBatchNorm } from "./recalibrate-batch-norm.js";
import { type EpochEvent, startOfEpoch, type TrainingPosition } from "./training-position.js";
import { lastRate, notFinite, type TrainingRun, type TrainNetOptions } from "./training-run.js";

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
 * only if the epoch is complete, as in the reference scripts; a test that is stopped or lies within an epoch is undone.
 */
export const testEpoch = async (run: TrainingRun): Promise<void> => {
  const { options, position } = run;
  const { net, trainLoader } = options;
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
  const { options, position } = run;
  const { net, hooks, signal, trainLoader } = options;
  const { epoch } = position;
  const learningRate = lastRate(run);
  await recalibrateBatchNorm(net, trainLoader, epoch + 1, options.settleBatches ?? 0, signal);
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
