import { existsSync } from "node:fs";
import { TimeLimitReached } from "../../base/time-limit-reached.js";
import { applyCheckpoint } from "../../checkpoint/apply-checkpoint.js";
import { loadCheckpoint, markFinished } from "../../checkpoint/checkpoint.js";
import {
  applyTrainingState,
  type TrainingState,
} from "../../checkpoint/training/training-state.js";
import { trainingStatePathOf } from "../../checkpoint/training/training-state-path.js";
import type { BatchLoader } from "../../data/batches/batch-loader.js";
import type { Net } from "../../models/net.js";
import { replaceValue } from "../../models/parameter.js";
import { trainerTensors } from "../../models/trainer-state.js";
import { tf } from "../../tensor/tf.js";
import { isRunComplete, type TrainOutcome, trainNet } from "../../train/train-net.js";
import type { TrainingPosition } from "../../train/training-position.js";
import { startingPosition } from "../../train/training-position.js";
import { evaluateRun, loaderOf } from "./evaluate-run.js";
import { type InputSpeed, measureInputSpeed, meterInput } from "./input-meter.js";
import { optimizationOf } from "./optimization-of.js";
import { openRunFiles, type RunFiles, type RunTarget } from "./record/run-files.js";
import { openRunLog, type RunLog } from "./record/tensorboard-log.js";
import { type Run, secondsSince } from "./run.js";
import { settleBatchesOf } from "./settle-batches.js";

/** The result of a finished run. */
export interface TrainedModel extends Partial<InputSpeed> {
  readonly kind: "trained";
  readonly file: string;
  /** Accuracy in percent on the images that the best epoch is chosen by; undefined if nothing was tested. */
  readonly bestAccuracy: number | undefined;
  /** The same of the last epoch, if its net is saved rather than the best one. */
  readonly lastAccuracy?: number | undefined;
  /** Accuracy in percent on the test images, if the best epoch is chosen by other images. */
  readonly testAccuracy?: number | undefined;
  /** Peak resident memory of the process, in MiB. */
  readonly peakMemoryMb: number;
  readonly seconds: number;
}

/** The end of a phase that is not the last one of its run (see phaseAt); its training state is saved. */
export interface PhaseEnd {
  readonly kind: "phase-ended";
  readonly file: string;
}

/** The result of an interrupted run; its model and training state are saved. */
export interface InterruptedTraining {
  readonly kind: "interrupted";
  readonly file: string;
}

const maxStepsOf = ({ call }: Run): number => call.options.max_steps ?? Number.POSITIVE_INFINITY;

const startOf = ({ resumed, startBest }: RunTarget): TrainingPosition =>
  resumed?.record.position ?? startingPosition(startBest);

interface Loaders {
  readonly train: BatchLoader;
  readonly choose: BatchLoader;
}

const train = (
  run: Run,
  target: RunTarget,
  files: RunFiles,
  { loaders, log }: { readonly loaders: Loaders; readonly log: RunLog },
): Promise<TrainOutcome> => {
  const { call, context, net, dataSet } = run;
  const { options } = call;
  const { onEvent } = context;
  const images = (dataSet.validation ?? dataSet.test).count;
  return trainNet({
    net,
    trainLoader: loaders.train,
    testLoader: loaders.choose,
    workers: run.workers,
    ...optimizationOf(run, loaders.train, { teacher: run.teacher, graph: net.graph }),
    epochs: run.phase.lastEpoch,
    settleBatches: settleBatchesOf(options.settle_batches, net.graph, loaders.train),
    keepsLast: options.save_epoch === "last",
    maxSteps: maxStepsOf(run),
    position: startOf(target),
    trainerState:
      target.resumed && !target.resumed.isNewPhase
        ? applyTrainingState(net, target.resumed.state)
        : undefined,
    saveEverySteps: options.save_every ?? 0,
    signal: context.signal,
    hooks: {
      onStep: (step) => {
        log.step(step);
        onEvent({ kind: "step", step });
      },
      onTestBatch: (imagesSeen) => onEvent({ kind: "testing", nets: 1, imagesSeen, images }),
      hasSaved: files.hasWritten,
      save: (event) => files.model(event.epoch, event.test.accuracy),
      onEpoch: (epoch) => {
        files.epoch(epoch);
        log.epoch(epoch);
        onEvent({ kind: "epoch", epoch });
      },
      // The others would save the same; at the end of a phase they continue from their own states.
      saveState: run.workers.index === 0 || !run.phase.isLast ? files.state : async () => {},
    },
  });
};

/** Reports that the best epoch is worse than the file that training started from. */
const reportNoImprovement = (
  { context }: Run,
  { path: file, startBest: startAccuracy }: RunTarget,
  accuracy: number | undefined,
): void => {
  if (startAccuracy === undefined || accuracy === undefined || accuracy >= startAccuracy) return;
  context.onEvent({ kind: "no-improvement", file, accuracy, startAccuracy });
};

/** Whether a resumed run has nothing left to do. */
export const isRunDone = (run: Run, target: RunTarget): boolean =>
  target.resumed !== undefined &&
  isRunComplete(target.resumed.record.position, {
    epochs: run.call.options.epochs,
    maxSteps: maxStepsOf(run),
  });

/**
 * Marks a run's model as finished. If the best epoch was chosen by held-out images, the model is now tested for the
 * first time on the test images, and its accuracy is returned.
 */
const finish = async (run: Run, path: string): Promise<number | undefined> => {
  if (!run.dataSet.validation) {
    await markFinished(path);
    return undefined;
  }
  const file = await loadCheckpoint(path);
  applyCheckpoint(run.net, file);
  const { evaluation } = await evaluateRun({ ...run, startedAt: run.context.now() }, file);
  await markFinished(path, evaluation.accuracy);
  return evaluation.accuracy;
};

const trained = (
  run: Run,
  file: string,
  ending: Pick<TrainedModel, "bestAccuracy" | "testAccuracy"> & Partial<InputSpeed>,
  savedAccuracy: number | undefined,
): TrainedModel => ({
  kind: "trained",
  file,
  ...(run.call.options.save_epoch === "last" && { lastAccuracy: savedAccuracy }),
  ...ending,
  peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  seconds: secondsSince(run),
});

/** Loads the net of a training state as it is tested: with the averages of its weights, if the run has them. */
const restoreTested = (net: Net, state: TrainingState): void => {
  const trainer = applyTrainingState(net, state);
  net.parameters.forEach((parameter, index) => {
    const average = trainer.average?.[index];
    if (average) replaceValue(parameter, tf.clone(average));
  });
  tf.dispose(trainerTensors(trainer));
};

/** Reports the last epoch and the result of a finished run again, and writes its model if that is missing. */
export const repeatEnd = async (run: Run, target: RunTarget): Promise<TrainedModel> => {
  const { lastEpoch, bestAccuracy, epoch } = startOf(target);
  const { epochs, max_steps: steps } = run.call.options;
  run.context.onEvent({
    kind: "run-complete",
    epochs,
    steps: epoch > epochs ? undefined : steps,
  });
  const files = await openRunFiles(run, target);
  if (!files.hasWritten()) {
    if (target.resumed) restoreTested(run.net, target.resumed.state);
    await files.model(lastEpoch?.epoch ?? epoch, lastEpoch?.test.accuracy);
  }
  if (lastEpoch) run.context.onEvent({ kind: "epoch", epoch: lastEpoch });
  const testAccuracy = await finish(run, target.path);
  return trained(run, target.path, { bestAccuracy, testAccuracy }, files.accuracy());
};

/** Trains a net for a phase. Writes its best weights, the training state after every epoch, and both if it is interrupted. */
export const runEpochs = async (
  run: Run,
  target: RunTarget,
): Promise<TrainedModel | InterruptedTraining | PhaseEnd> => {
  const { path } = target;
  const { now, onEvent, signal } = run.context;
  const files = await openRunFiles(run, target);
  const input = loaderOf(run, "train");
  const metered = meterInput(input, now);
  const loaders = { train: metered, choose: loaderOf(run, "choose") };
  try {
    const inputImagesPerSecond = await measureInputSpeed(input, now);
    onEvent({ kind: "training-started" });
    const log = await openRunLog(run, loaders.choose);
    const outcome = await train(run, target, files, { loaders, log });
    if (outcome.isInterrupted) {
      if (!files.hasWritten()) await files.model(startOf(target).epoch, undefined);
      const isTested = files.accuracy() !== undefined;
      const because = signal.reason instanceof TimeLimitReached ? "time limit" : "signal";
      onEvent({ kind: "run-interrupted", file: path, isTested, because });
      return { kind: "interrupted", file: path };
    }
    const { lastEpoch, isLast } = run.phase;
    const { epoch, steps } = outcome.position;
    if (!isLast && epoch > lastEpoch && steps < maxStepsOf(run))
      return { kind: "phase-ended", file: path };
    const testAccuracy = files.hasWritten() ? await finish(run, path) : undefined;
    reportNoImprovement(run, target, files.accuracy());
    const { bestAccuracy } = outcome;
    const speed = { inputImagesPerSecond, ...metered.speed() };
    return trained(run, path, { bestAccuracy, testAccuracy, ...speed }, files.accuracy());
  } catch (error) {
    const state = trainingStatePathOf(path);
    // States are written atomically, so one on disk is complete.
    if (!signal.aborted && existsSync(state)) onEvent({ kind: "run-failed", state });
    throw error;
  } finally {
    await Promise.all([loaders.train.close(), loaders.choose.close()]);
  }
};
