import { join } from "node:path";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { applyCheckpoint, markFinished, saveCheckpoint } from "../../checkpoint/checkpoint.js";
import { type BatchLoader, createBatchLoader } from "../../data/batch-loader.js";
import { CIFAR } from "../../data/cifar.js";
import type { DataSet } from "../../data/data-set.js";
import { buildNet } from "../../models/build-net.js";
import type { Net } from "../../models/net.js";
import { evaluate } from "../../train/evaluate.js";
import { trainNet } from "../../train/train-net.js";
import type { CommandContext } from "../command.js";
import { startEngine } from "../engine/start-engine.js";
import { packageVersion } from "../version.js";
import { checkPruneNet } from "./check-prune-net.js";
import { chooseReporter } from "./choose-reporter.js";
import { chooseSpec } from "./choose-spec.js";
import { type InputFiles, readInputFiles } from "./input-files.js";
import { openDataSet } from "./open-data-set.js";
import { chooseOutputFile, moveAside } from "./output-file.js";
import type { Reporter } from "./reporter.js";
import type { TrainingCall } from "./training-call.js";

/** Everything that one run works with. */
interface Run {
  readonly call: TrainingCall;
  readonly context: CommandContext;
  readonly dataSet: DataSet;
  readonly net: Net;
  readonly reporter: Reporter;
  readonly startedAt: number;
}

const secondsSince = ({ context, startedAt }: Run): number => (context.now() - startedAt) / 1000;

const loaderOf = ({ call, dataSet }: Run, mode: "train" | "evaluate"): BatchLoader => {
  const { options } = call;
  return createBatchLoader({
    images: mode === "train" ? dataSet.train : dataSet.test,
    info: dataSet.info,
    batchSize: mode === "train" ? options.train_batch_size : options.eval_batch_size,
    mode,
    seed: options.seed,
    workers: options.num_workers,
  });
};

/** Tests the net of a file and saves nothing. */
const evaluateOnly = async (run: Run, file: Checkpoint): Promise<void> => {
  const loader = loaderOf(run, "evaluate");
  try {
    const evaluation = await evaluate(run.net, loader, (seen) => {
      run.context.signal.throwIfAborted();
      run.reporter.testing(seen, run.dataSet.test.count);
    });
    run.reporter.evaluated({ file: file.path, evaluation, seconds: secondsSince(run) });
  } finally {
    await loader.close();
  }
};

/** Writes the nets of one run to its file; the first one moves an older run's file aside. */
const bestFileWriter = (run: Run, path: string) => {
  const { net, dataSet } = run;
  let hasWritten = false;
  let written: number | undefined;
  return {
    /** Accuracy of what was written last. */
    accuracy: () => written,
    hasWritten: () => hasWritten,
    write: async (epoch: number, accuracy: number | undefined): Promise<void> => {
      if (!hasWritten) await moveAside(path);
      await saveCheckpoint(path, net, {
        spec: net.spec,
        dataSet: dataSet.info,
        accuracy,
        epoch,
        isFinished: false,
        version: packageVersion(),
      });
      hasWritten = true;
      written = accuracy;
    },
  };
};

const train = async (run: Run, path: string, startBest: number | undefined): Promise<void> => {
  const { call, context, net, dataSet, reporter } = run;
  const { options } = call;
  const file = bestFileWriter(run, path);
  const trainLoader = loaderOf(run, "train");
  const testLoader = loaderOf(run, "evaluate");
  let epoch = 0;
  try {
    reporter.start();
    const outcome = await trainNet({
      net,
      trainLoader,
      testLoader,
      epochs: options.epochs,
      learningRate: options.lr,
      lrDropEpochs: options.lr_drops,
      weightDecay: options.wd,
      sparsityLambda: call.sparsityLambda,
      maxSteps: options.max_steps ?? Number.POSITIVE_INFINITY,
      bestAccuracy: startBest ?? Number.NEGATIVE_INFINITY,
      signal: context.signal,
      hooks: {
        onStep: (event) => {
          epoch = event.epoch;
          reporter.step(event);
        },
        onTestBatch: (seen) => reporter.testing(seen, dataSet.test.count),
        save: (event) => file.write(event.epoch, event.test.accuracy),
        onEpoch: reporter.epoch,
      },
    });
    if (outcome.isInterrupted) {
      if (!file.hasWritten()) await file.write(epoch, undefined);
      reporter.close();
      const what =
        file.accuracy() === undefined ? "The present, untested net" : "The best net so far";
      context.stderr.write(`Interrupted. ${what} is in ${path}.\n`);
      return;
    }
    if (file.hasWritten()) await markFinished(path);
    const saved = file.accuracy();
    if (startBest !== undefined && saved !== undefined && saved < startBest) {
      const [best, now] = [startBest, saved].map((each) => `${each.toFixed(2)}%`);
      context.stderr.write(
        `${path} holds ${now}; the file that was resumed had ${best} and is kept.\n`,
      );
    }
    reporter.done({
      file: path,
      bestAccuracy: outcome.bestAccuracy,
      peakMemoryMb: process.resourceUsage().maxRSS / 1024,
      seconds: secondsSince(run),
    });
  } finally {
    await Promise.all([trainLoader.close(), testLoader.close()]);
  }
};

/** The file whose weights the net starts from: those of --resume, else of --refine. */
const weightsFile = ({ resume, refine }: InputFiles): Checkpoint | undefined => resume ?? refine;

/**
 * The best accuracy that a resumed run starts from; one on other images says nothing here. A .pth of the
 * original does not tell its images: its scripts train on CIFAR-10.
 */
const startAccuracy = ({ resume }: InputFiles, { info }: DataSet): number | undefined => {
  const trainedOn = resume?.manifest?.dataSet.name ?? CIFAR.cifar10.info.name;
  if (!resume || trainedOn !== info.name) return undefined;
  return resume.manifest ? resume.manifest.accuracy : resume.bestAccuracy;
};

/** The name of the file without --save: the net's, and the stage of the run where it has one. */
const outputName = ({ stage }: TrainingCall, arch: string): string =>
  stage === undefined ? arch : `${arch}_${stage}`;

/**
 * A training command from its options to its file: checks everything that can be checked first, then
 * loads the engine, builds the net, and trains or evaluates it.
 */
export const runTraining = async (call: TrainingCall, context: CommandContext): Promise<void> => {
  const startedAt = context.now();
  const { options } = call;
  const files = await readInputFiles(options);
  if (call.command === "prune") checkPruneNet(options, files, call.sparsityLambda);
  const dataSet = await openDataSet(options, context);
  const spec = chooseSpec(call, dataSet.info, files);
  const path = options.evaluate
    ? ""
    : await chooseOutputFile({
        ...options,
        defaultPath: join(
          "models_save",
          call.command,
          `${outputName(call, spec.arch)}.safetensors`,
        ),
        inputs: [options.resume, options.refine],
      });
  await startEngine(options.engine ?? "auto", context);
  const net = buildNet(spec, {
    seed: options.seed,
    gammaStart: spec.order === "conv-norm-activation" ? call.gammaStart : "ones",
  });
  const reporter = chooseReporter(options, dataSet, context);
  const run: Run = { call, context, dataSet, net, reporter, startedAt };
  try {
    const start = weightsFile(files);
    if (start) applyCheckpoint(net, start);
    if (options.evaluate && start) await evaluateOnly(run, start);
    else await train(run, path, startAccuracy(files, dataSet));
  } finally {
    reporter.close();
    net.dispose();
  }
};
