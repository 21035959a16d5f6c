import { applyCheckpoint, loadCheckpoint, markFinished } from "../../checkpoint/checkpoint.js";
import { statePathOf } from "../../checkpoint/state-path.js";
import { applyTrainingState } from "../../checkpoint/training-state.js";
import type { BatchLoader } from "../../data/batches/batch-loader.js";
import { tf } from "../../tensor/tf.js";
import { isTrained, type TrainOutcome, trainNet } from "../../train/train-net.js";
import type { TrainingPosition } from "../../train/training-position.js";
import { startingPosition } from "../../train/training-position.js";
import { evaluateRun, loaderOf } from "./evaluate-run.js";
import { type InputSpeed, inputAlone, meterInput } from "./input-meter.js";
import { type Run, secondsSince } from "./run.js";
import { openRunFiles, type RunFiles, type RunPlace } from "./record/run-files.js";
import { openRunLog, type RunLog } from "./record/run-log.js";
import { stateWayOn, withWayOn } from "../../cli/training/resume-hint.js";

const maxStepsOf = ({ call }: Run): number => call.options.max_steps ?? Number.POSITIVE_INFINITY;

const startOf = ({ resumed, startBest }: RunPlace): TrainingPosition =>
  resumed?.record.position ?? startingPosition(startBest);

const runTrainer = (
  run: Run,
  place: RunPlace,
  files: RunFiles,
  {
    loaders,
    log,
  }: {
    readonly loaders: { readonly train: BatchLoader; readonly choose: BatchLoader };
    readonly log: RunLog;
  },
): Promise<TrainOutcome> => {
  const { call, context, net, dataSet, reporter } = run;
  const { options } = call;
  return trainNet({
    net,
    trainLoader: loaders.train,
    testLoader: loaders.choose,
    epochs: options.epochs,
    learningRate: options.lr,
    lrDropEpochs: options.lr_drops,
    weightDecay: options.wd,
    sparsityLambda: call.sparsityLambda,
    settleBatches: options.settle_batches,
    maxSteps: maxStepsOf(run),
    position: startOf(place),
    adamState: place.resumed && applyTrainingState(net, place.resumed.state),
    saveEverySteps: options.save_every ?? 0,
    signal: context.signal,
    hooks: {
      onStep: (event) => {
        log.step(event);
        reporter.step(event);
      },
      onTestBatch: (seen) => reporter.testing(seen, (dataSet.validation ?? dataSet.test).count),
      hasSaved: files.hasWritten,
      save: (event) => files.model(event.epoch, event.test.accuracy),
      onEpoch: (event) => {
        files.epoch(event);
        log.epoch(event);
        reporter.epoch(event);
      },
      saveState: files.state,
    },
  });
};

/** What the user is told where a run was stopped, and how to go on; a recipe tells that of its stages. */
const tellInterrupted = ({ context, call, reporter }: Run, path: string, files: RunFiles): void => {
  reporter.close();
  const what = files.accuracy() === undefined ? "The present, untested net" : "The best net so far";
  context.stderr.write(`Interrupted. ${what} is in ${path}.\n`);
  if (context.isStage) return;
  context.stderr.write(`Go on with: qprune ${call.command} --resume ${statePathOf(path)}\n`);
};

/** A finished run whose best net is worse than the file that it started from says so. */
const tellWorse = ({ context }: Run, { path, startBest }: RunPlace, files: RunFiles): void => {
  const saved = files.accuracy();
  if (startBest === undefined || saved === undefined || saved >= startBest) return;
  const [best, now] = [startBest, saved].map((each) => `${each.toFixed(2)}%`);
  context.stderr.write(
    `${path} holds ${now}; the file that was resumed had ${best} and is kept.\n`,
  );
};

/** What a run ends with beside its file. */
interface Ending extends Partial<InputSpeed> {
  readonly bestAccuracy: number;
  readonly testAccuracy?: number | undefined;
}

const tellDone = (run: Run, path: string, ending: Ending): void =>
  run.reporter.done({
    file: path,
    ...ending,
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
    seconds: secondsSince(run),
  });

/** True where a resumed run has nothing left to do; it then tells its last lines again. */
export const isRunDone = (run: Run, place: RunPlace): boolean =>
  place.resumed !== undefined &&
  isTrained(place.resumed.record.position, {
    epochs: run.call.options.epochs,
    maxSteps: maxStepsOf(run),
  });

/**
 * Marks a run's model as finished. One that was chosen by held-out images is tested now, for the first time on the
 * test images; returns its accuracy there.
 */
const finish = async (run: Run, path: string): Promise<number | undefined> => {
  if (!run.dataSet.validation) {
    await markFinished(path);
    return undefined;
  }
  const file = await loadCheckpoint(path);
  applyCheckpoint(run.net, file);
  const { accuracy } = await evaluateRun({ ...run, startedAt: run.context.now() }, file);
  await markFinished(path, accuracy);
  return accuracy;
};

/** Prints the last epoch's line and the end of a run that was done before; its model is written if it is gone. */
export const tellAgain = async (run: Run, place: RunPlace): Promise<void> => {
  const { lastEpoch, bestAccuracy, epoch } = startOf(place);
  const files = await openRunFiles(run, place);
  if (!files.hasWritten()) {
    const moments = place.resumed && applyTrainingState(run.net, place.resumed.state);
    tf.dispose(moments?.moments.flatMap(({ first, second }) => [first, second]) ?? []);
    await files.model(lastEpoch?.epoch ?? epoch, lastEpoch?.test.accuracy);
  }
  if (lastEpoch) run.reporter.epoch(lastEpoch);
  const testAccuracy = await finish(run, place.path);
  tellDone(run, place.path, { bestAccuracy, testAccuracy });
};

/** Trains a net, writing its best state, its training state behind every epoch, and both where it is stopped. */
export const trainRun = async (run: Run, place: RunPlace): Promise<void> => {
  const { reporter } = run;
  const { path } = place;
  const files = await openRunFiles(run, place);
  const { now } = run.context;
  const input = loaderOf(run, "train");
  const train = meterInput(input, now);
  const loaders = { train, choose: loaderOf(run, "choose") };
  try {
    const inputImagesPerSecond = await inputAlone(input, now);
    reporter.start();
    const log = await openRunLog(run, loaders.choose);
    const outcome = await runTrainer(run, place, files, { loaders, log });
    if (outcome.isInterrupted) {
      if (!files.hasWritten()) await files.model(startOf(place).epoch, undefined);
      tellInterrupted(run, path, files);
      return;
    }
    const testAccuracy = files.hasWritten() ? await finish(run, path) : undefined;
    tellWorse(run, place, files);
    const { bestAccuracy } = outcome;
    tellDone(run, path, { bestAccuracy, testAccuracy, inputImagesPerSecond, ...train.speed() });
  } catch (error) {
    if (run.context.signal.aborted || run.context.isStage) throw error;
    throw withWayOn(error, stateWayOn(run.call.command, statePathOf(path)));
  } finally {
    await Promise.all([loaders.train.close(), loaders.choose.close()]);
  }
};
