import { randomUUID } from "node:crypto";
import { extname } from "node:path";
import { markFinished, saveCheckpoint } from "../../checkpoint/checkpoint.js";
import { netState } from "../../checkpoint/net-state.js";
import { stateDigest } from "../../checkpoint/state-digest.js";
import { statePathOf } from "../../checkpoint/state-path.js";
import { applyTrainingState, saveTrainingState } from "../../checkpoint/training-state.js";
import { tf } from "../../core/tf.js";
import type { BatchLoader } from "../../data/batch-loader.js";
import type { AdamState } from "../../train/adam.js";
import { isTrained, type TrainOutcome, trainNet } from "../../train/train-net.js";
import type { TrainingPosition } from "../../train/training-position.js";
import { startingPosition } from "../../train/training-position.js";
import { moveAside, moveStateAside, ownManifest } from "../output/output-file.js";
import { packageVersion } from "../version.js";
import { loaderOf } from "./evaluate-run.js";
import type { ResumedRun } from "./resume-run.js";
import { type Run, secondsSince } from "./run.js";
import { recordToJson } from "./run-record.js";
import { withWayOn } from "./way-on.js";

/** Where a run writes, and from where it goes on. */
export interface RunPlace {
  /** The model file. */
  readonly path: string;
  readonly resumed: ResumedRun | undefined;
  /** Accuracy of a model file that is resumed; it is to be beaten. */
  readonly startBest: number | undefined;
  readonly engine: "native" | "js";
}

/** What a run has written so far, and the writing of it. A file of its own run is never moved aside. */
const openRunFiles = async (
  { call, net, dataSet }: Run,
  { path, resumed, startBest, engine }: RunPlace,
) => {
  const run = resumed?.record.run ?? randomUUID();
  let digest = resumed?.record.digest ?? null;
  // A fresh run has no file yet.
  const own = resumed && (await ownManifest(path, { run, digest }));
  let hasWritten = own !== undefined;
  let accuracy = own?.accuracy;
  let isOldStateAside = resumed !== undefined;
  const manifest = { spec: net.spec, dataSet: dataSet.info, version: packageVersion(), run };
  const suffix = extname(path);
  return {
    /** Accuracy of the model that was written last. */
    accuracy: () => accuracy,
    hasWritten: () => hasWritten,
    /** Writes the model; the first one of a run moves an older run's file aside. */
    model: async (epoch: number, tested: number | undefined): Promise<void> => {
      if (!hasWritten) await moveAside(path);
      await saveCheckpoint(path, net, { ...manifest, accuracy: tested, epoch, isFinished: false });
      hasWritten = true;
      accuracy = tested;
      digest = stateDigest(netState(net));
    },
    state: async (position: TrainingPosition, adam: AdamState): Promise<void> => {
      if (!isOldStateAside) await moveStateAside(statePathOf(path));
      isOldStateAside = true;
      const rest = { engine, run, suffix, digest, startBest: startBest ?? null };
      await saveTrainingState(statePathOf(path), {
        net,
        adam,
        manifest: { ...manifest, epoch: position.epoch, isFinished: false },
        record: recordToJson(call, position, rest),
      });
    },
  };
};

type RunFiles = Awaited<ReturnType<typeof openRunFiles>>;

const maxStepsOf = ({ call }: Run): number => call.options.max_steps ?? Number.POSITIVE_INFINITY;

const startOf = ({ resumed, startBest }: RunPlace): TrainingPosition =>
  resumed?.record.position ?? startingPosition(startBest);

const runTrainer = (
  run: Run,
  place: RunPlace,
  files: RunFiles,
  loaders: { readonly train: BatchLoader; readonly test: BatchLoader },
): Promise<TrainOutcome> => {
  const { call, context, net, dataSet, reporter } = run;
  const { options } = call;
  return trainNet({
    net,
    trainLoader: loaders.train,
    testLoader: loaders.test,
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
      onStep: reporter.step,
      onTestBatch: (seen) => reporter.testing(seen, dataSet.test.count),
      hasSaved: files.hasWritten,
      save: (event) => files.model(event.epoch, event.test.accuracy),
      onEpoch: reporter.epoch,
      saveState: files.state,
    },
  });
};

/** What the user is told where a run was stopped, and how to go on. */
const tellInterrupted = ({ context, call, reporter }: Run, path: string, files: RunFiles): void => {
  reporter.close();
  const what = files.accuracy() === undefined ? "The present, untested net" : "The best net so far";
  context.stderr.write(
    `Interrupted. ${what} is in ${path}.\nGo on with: qprune ${call.command} --resume ${statePathOf(path)}\n`,
  );
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

const tellDone = (run: Run, path: string, bestAccuracy: number): void =>
  run.reporter.done({
    file: path,
    bestAccuracy,
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

/** Prints the last epoch's line and the end of a run that was done before; its model is written if it is gone. */
export const tellAgain = async (run: Run, place: RunPlace): Promise<void> => {
  const { lastEpoch, bestAccuracy, epoch } = startOf(place);
  const files = await openRunFiles(run, place);
  if (!files.hasWritten()) {
    const moments = place.resumed && applyTrainingState(run.net, place.resumed.state);
    tf.dispose(moments?.moments.flatMap(({ first, second }) => [first, second]) ?? []);
    await files.model(lastEpoch?.epoch ?? epoch, lastEpoch?.test.accuracy);
  }
  await markFinished(place.path);
  if (lastEpoch) run.reporter.epoch(lastEpoch);
  tellDone(run, place.path, bestAccuracy);
};

/** Trains a net, writing its best state, its training state behind every epoch, and both where it is stopped. */
export const trainRun = async (run: Run, place: RunPlace): Promise<void> => {
  const { reporter } = run;
  const { path } = place;
  const files = await openRunFiles(run, place);
  const loaders = { train: loaderOf(run, "train"), test: loaderOf(run, "evaluate") };
  try {
    reporter.start();
    const outcome = await runTrainer(run, place, files, loaders);
    if (outcome.isInterrupted) {
      if (!files.hasWritten()) await files.model(startOf(place).epoch, undefined);
      tellInterrupted(run, path, files);
      return;
    }
    if (files.hasWritten()) await markFinished(path);
    tellWorse(run, place, files);
    tellDone(run, path, outcome.bestAccuracy);
  } catch (error) {
    if (run.context.signal.aborted) throw error;
    throw withWayOn(error, run.call.command, statePathOf(path));
  } finally {
    await Promise.all([loaders.train.close(), loaders.test.close()]);
  }
};
