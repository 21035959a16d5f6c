import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { applyCheckpoint, type Checkpoint } from "../../checkpoint/checkpoint.js";
import { statePathOf } from "../../checkpoint/state-path.js";
import { CIFAR } from "../../data/cifar/cifar.js";
import { areSameClasses } from "../../data/class-names.js";
import { DATA_SET_NAMES, type DataSet } from "../../data/data-set.js";
import { buildNet } from "../../models/build-net.js";
import type { InitialValues } from "../../models/conv-parts.js";
import type { NetSpec } from "../../models/spec.js";
import type { CommandContext } from "../../cli/command.js";
import { startEngine } from "../start-engine.js";
import { machineMemory } from "../images/machine-memory.js";
import { checkFolder, checkPlainFile } from "../outputs/check-output-place.js";
import { historyPathOf } from "../outputs/history-path.js";
import { callsThatMade } from "../outputs/provenance.js";
import { chooseOutputFile } from "../outputs/output-file.js";
import { otherClassesNotice } from "./checks/check-classes.js";
import { checkMemory } from "./checks/check-memory.js";
import { checkPruneNet } from "./checks/check-prune-net.js";
import { checkTrainable } from "./checks/check-trainable.js";
import { chooseReporter } from "../../cli/training/choose-reporter.js";
import { chooseSpec } from "./choose-spec.js";
import { checkToldImages, withDetectedDataSet } from "./checks/detect-data-set.js";
import { evaluateRun } from "./evaluate-run.js";
import { type InputFiles, readInputFiles } from "./input-files.js";
import { onItsImages } from "./resume/check-run-images.js";
import { openDataSet } from "../images/open-data-set.js";
import { modelOfRun, namesState, type ResumedRun, resumedRun, stateOf } from "./resume/resumed-run.js";
import type { Run } from "./run.js";
import { withRunLock } from "./resume/run-lock.js";
import { tellStart } from "../../cli/training/start-text.js";
import { tellUnfinished } from "./resume/unfinished-run.js";
import { isRunDone, tellAgain, trainRun } from "./run-epochs.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** The file whose weights the net starts from: those of --resume, else of --refine. */
const weightsFile = ({ resume, refine }: InputFiles): Checkpoint | undefined => resume ?? refine;

/**
 * The best accuracy that a resumed run starts from; one on other images says nothing here. A .pth of the
 * original does not tell its images: its scripts train on CIFAR-10.
 */
const startAccuracy = (
  { resume }: InputFiles,
  { info, validation }: DataSet,
): number | undefined => {
  const trainedOn = resume?.manifest?.dataSet ?? CIFAR.cifar10.info;
  const isSame =
    trainedOn.name === info.name && areSameClasses(trainedOn.classNames, info.classNames);
  if (!resume || !isSame) return undefined;
  if (validation) return resume.manifest?.validationAccuracy;
  return resume.manifest ? resume.manifest.accuracy : resume.bestAccuracy;
};

/** The name of the file without --save: the net's, and the stage of the run where it has one. */
const outputName = ({ stage }: TrainingCall, arch: string): string =>
  stage === undefined ? arch : `${arch}_${stage}`;

/** Where the model goes without --save. */
const defaultPathOf = (call: TrainingCall, { refine, resume, net }: InputFiles): string => {
  const arch = refine?.net.arch ?? resume?.net.arch ?? net.name;
  return join("models_save", call.command, `${outputName(call, arch)}.safetensors`);
};

/** The spec of a run that goes on; its data set must still have as many classes. */
const resumedSpec = ({ state, call }: ResumedRun, { info }: DataSet): NetSpec => {
  const { spec } = state.manifest;
  if (info.classNames.length === spec.classes) return spec;
  throw new QpruneError(
    `${state.path} has ${spec.classes} classes, but ${info.name} has ${info.classNames.length}.`,
    { kind: "usage", hint: `Give the data of ${call.options.dataset} with --data.` },
  );
};

const seedOf = ({ options, gammaStart }: TrainingCall, { order }: NetSpec): InitialValues => ({
  seed: options.seed,
  gammaStart: order === "conv-norm-activation" ? gammaStart : "ones",
});

/** A file that is tested tells its data set, but for a flag. */
const withToldDataSet = ({ options, given }: TrainingCall, files: InputFiles): TrainingOptions => {
  const name = weightsFile(files)?.manifest?.dataSet.name;
  const told = DATA_SET_NAMES.find((each) => each === name);
  return told === undefined || given.has("dataset") ? options : { ...options, dataset: told };
};

/** Tests the net of a file. */
const runEvaluation = async (
  call: TrainingCall,
  files: InputFiles,
  context: CommandContext,
): Promise<void> => {
  const startedAt = context.now();
  const told = weightsFile(files)?.manifest?.dataSet;
  const dataSet = await openDataSet(withToldDataSet(call, files), context, told);
  const spec = chooseSpec(call, dataSet.info, files);
  await startEngine(call.options.engine ?? "auto", context);
  const net = buildNet(spec, seedOf(call, spec));
  const reporter = chooseReporter(call.options, dataSet, context);
  try {
    const file = weightsFile(files);
    if (!file) return;
    applyCheckpoint(net, file);
    await evaluateRun({ call, context, dataSet, net, reporter, startedAt }, file);
  } finally {
    reporter.close();
    net.dispose();
  }
};

/** Where a fresh run's model goes, or that of one which goes on. */
const chooseModelPath = async (
  call: TrainingCall,
  files: InputFiles,
  resumed: ResumedRun | undefined,
): Promise<string> => {
  const path = await chooseOutputFile({
    save: resumed ? modelOfRun(resumed) : call.options.save,
    force: call.options.force,
    defaultPath: defaultPathOf(call, files),
    inputs: resumed ? [] : [call.options.resume, call.options.refine],
  });
  await checkPlainFile(historyPathOf(path), "--save");
  return path;
};

/** Trains a net, anew or from where a run was stopped. */
const runTrainer = async (
  call: TrainingCall,
  files: InputFiles,
  found: ResumedRun | undefined,
  context: CommandContext,
): Promise<void> => {
  const startedAt = context.now();
  const { options } = call;
  const dataSet = await openDataSet(options, context);
  const resumed = found && onItsImages(found, dataSet);
  const spec = resumed ? resumedSpec(resumed, dataSet) : chooseSpec(call, dataSet.info, files);
  checkMemory(spec, options, dataSet, machineMemory());
  if (!options.json) tellStart(resumed?.call ?? call, spec, context);
  const path = await chooseModelPath(call, files, resumed);
  // A recipe goes on with its stages itself.
  if (!resumed && !options.json && !context.isStage) await tellUnfinished(path, context);
  const { kind: engine } = await startEngine(options.engine ?? "auto", context);
  const net = buildNet(spec, seedOf(call, spec));
  const reporter = chooseReporter(options, dataSet, context);
  const run: Run = { call, context, dataSet, net, reporter, startedAt };
  const startBest = resumed
    ? (resumed.record.startBest ?? undefined)
    : startAccuracy(files, dataSet);
  const start = resumed ? undefined : weightsFile(files);
  if (start && !options.json) {
    context.stderr.write(otherClassesNotice(start, dataSet.info, options.data));
  }
  const origin = start ? await callsThatMade(start) : [];
  const place = { path, resumed, startBest, origin, engine };
  try {
    if (start) applyCheckpoint(net, start);
    if (isRunDone(run, place)) await tellAgain(run, place);
    else await trainRun(run, place);
  } finally {
    reporter.close();
    net.dispose();
  }
};

/**
 * A training command from its options to its file: checks everything that can be checked first, then
 * loads the engine, builds the net, and trains or evaluates it.
 */
export const runTraining = async (asked: TrainingCall, context: CommandContext): Promise<void> => {
  const call = await withDetectedDataSet(asked);
  const { options } = call;
  // A training state is read behind the lock; a model file now.
  const isRun = options.resume === "auto" || (!options.evaluate && (await namesState(options)));
  const files = await readInputFiles(isRun ? { ...options, resume: undefined } : options);
  checkTrainable(options, files);
  if (call.command === "prune") checkPruneNet(options, files, call.sparsityLambda);
  if (options.evaluate) return runEvaluation(call, files, context);
  checkToldImages(call, files);
  const modelPath = options.save ?? defaultPathOf(call, files);
  const state = isRun ? await stateOf(options, modelPath) : undefined;
  const ownState = options.save === undefined && state ? state : statePathOf(modelPath);
  if (options.save === undefined) await mkdir(dirname(ownState), { recursive: true });
  else await checkFolder(dirname(options.save), "--save");
  const train = async (): Promise<void> => {
    // Read behind the lock: another run may just have gone on with it.
    const resumed = state === undefined ? undefined : await resumedRun(call, state, context);
    await runTrainer(resumed?.call ?? call, files, resumed, context);
  };
  await withRunLock(ownState, train, context);
};
