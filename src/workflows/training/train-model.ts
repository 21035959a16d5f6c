import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { applyCheckpoint } from "../../checkpoint/apply-checkpoint.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { trainingStatePathOf } from "../../checkpoint/training/training-state-path.js";
import { CIFAR } from "../../data/cifar/cifar.js";
import { areSameClasses } from "../../data/class-names.js";
import type { DataSet } from "../../data/data-set.js";
import { machineMemory } from "../../files/machine-memory.js";
import { buildNet } from "../../models/build-net.js";
import type { InitialValues } from "../../models/executor/node-tensors.js";
import type { Net } from "../../models/net.js";
import { graphOf, isChain, type NetSpec } from "../../models/net-spec.js";
import { checkOptimization } from "../../options/check-optimization.js";
import type { Workers } from "../../tensor/workers.js";
import type { WorkflowContext } from "../context.js";
import type { EvaluationResult } from "../events.js";
import { historyPathOf } from "../history/history-path.js";
import { provenanceOf } from "../history/provenance.js";
import { openDataSet } from "../images/open-data-set.js";
import { knownDataSetInfo } from "../nets/stored-spec.js";
import { checkFolder, checkPlainFile } from "../outputs/check-output-path.js";
import { chooseOutputFile } from "../outputs/output-file.js";
import { startEngine } from "../start-engine.js";
import { withTimeLimit } from "../with-time-limit.js";
import { checkBitSchedule, type Phase, phaseAt } from "./bit-phases.js";
import { renamedClasses } from "./checks/check-classes.js";
import { checkMemory } from "./checks/check-memory.js";
import { checkPruneNet } from "./checks/check-prune-net.js";
import { checkArchitecture, checkTask } from "./checks/check-task.js";
import { checkTrainable } from "./checks/check-trainable.js";
import { checkRecordedImages, withDetectedDataSet } from "./checks/detect-data-set.js";
import { adviceOnRecordedDataSet, otherDataSet } from "./checks/recorded-data-set.js";
import { precisionOf, withPrecision } from "./choose-precision.js";
import { chooseSpec } from "./choose-spec.js";
import { evaluateModel } from "./evaluate-model.js";
import { withFoundRate } from "./found-rate.js";
import { hintValues } from "./hint-values.js";
import { type InputFiles, readInputFiles } from "./input-files.js";
import { withRunImages } from "./resume/check-run-images.js";
import {
  modelOfRun,
  namesState,
  type ResumedRun,
  resumedRun,
  stateOf,
} from "./resume/resumed-run.js";
import { unfinishedRun } from "./resume/unfinished-run.js";
import type { Run } from "./run.js";
import {
  type InterruptedTraining,
  isRunDone,
  type PhaseEnd,
  repeatEnd,
  runEpochs,
  type TrainedModel,
} from "./run-epochs.js";
import { withRunLock } from "./run-lock.js";
import { openTeacher, readTeacher } from "./teacher.js";
import { trainedParts } from "./trained-parts.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";
import { applyBackbone } from "./with-backbone.js";
import { headReplaced, withOwnHead } from "./with-own-head.js";
import { withOwnRanges } from "./with-own-ranges.js";
import { withPretrained } from "./with-pretrained.js";
import { withRecordedSize } from "./with-recorded-size.js";
import { compareRuns } from "./workers/compare-workers.js";
import { type SharedContext, sendRun, takeSeat } from "./workers/take-seat.js";

/** The result of a worker that writes no files: the results are those of worker 0. */
export interface AssistedTraining {
  readonly kind: "assisted";
  readonly worker: number;
}

/** The result of training or testing. */
export type TrainResult =
  | TrainedModel
  | InterruptedTraining
  | AssistedTraining
  | ({ readonly kind: "evaluated" } & EvaluationResult);

/** The file whose weights the net starts from: that of `resume`, or else of `refine`. */
const weightsFile = ({ resume, refine }: InputFiles): Checkpoint | undefined => resume ?? refine;

/**
 * The best accuracy that a resumed model starts from; undefined if it is for other images. A .pth file of the reference
 * scripts does not record its images, which are CIFAR-10.
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

/** The default file name: the net, and the stage of the run if it has one. */
const outputName = ({ stage }: TrainingCall, arch: string): string =>
  stage === undefined ? arch : `${arch}_${stage}`;

/** The model's path if `save` is not given. */
const defaultPathOf = (call: TrainingCall, { refine, resume, net }: InputFiles): string => {
  const arch = refine?.net.arch ?? resume?.net.arch ?? net.name;
  return join("models_save", call.command, `${outputName(call, arch)}.safetensors`);
};

/** The spec of a resumed run; its data set must have the same number of classes. */
const resumedSpec = ({ state, call }: ResumedRun, { info }: DataSet): NetSpec => {
  const { spec } = state.manifest;
  if (info.classNames.length === spec.classes) return spec;
  throw new QpruneError(
    `${state.path} has ${spec.classes} classes, but ${info.name} has ${info.classNames.length}.`,
    {
      kind: "usage",
      hint: `Set ${option("data")} to the folder of ${call.options.dataset}.`,
    },
  );
};

const initialValuesOf = ({ options, gammaStart }: TrainingCall, spec: NetSpec): InitialValues => ({
  seed: options.seed,
  // Norms before convolutions, and those of published architectures, start at 1.
  gammaStart: isChain(spec) && spec.order === "conv-norm-activation" ? gammaStart : "ones",
  kernelStart: isChain(spec) ? "xavier" : "published",
});

/**
 * Images per batch, of all workers together. A resumed run keeps its own, also with another number of workers, unless it gets
 * other batches.
 */
const wholeBatchOf = (
  { options }: TrainingCall,
  { count }: Workers,
  resumed: ResumedRun | undefined,
): number => {
  const record = resumed?.record;
  const isSame = record?.options.train_batch_size === options.train_batch_size;
  return (isSame ? record?.wholeBatch : null) ?? options.train_batch_size * count;
};

/** Chooses and checks the path of the model. */
const chooseModelPath = async (
  call: TrainingCall,
  files: InputFiles,
  resumed: ResumedRun | undefined,
): Promise<string> => {
  const path = await chooseOutputFile({
    save: resumed ? modelOfRun(resumed) : call.options.save,
    force: call.options.force,
    defaultPath: defaultPathOf(call, files),
    inputs: resumed ? [] : [call.options.resume, call.options.refine, call.options.backbone],
  });
  await checkPlainFile(historyPathOf(path), option("save"));
  return path;
};

/** Reports the start of a run. */
const reportStart = (
  { options, given }: TrainingCall,
  spec: NetSpec,
  { train, validation }: DataSet,
  { onEvent }: WorkflowContext,
): void =>
  onEvent({
    kind: "run-started",
    run: {
      spec,
      trainImages: train.count,
      chosenBy: validation ? "validation" : "test",
      epochs: options.epochs,
      learningRate: options.lr,
      lrDropEpochs: options.lr_drops,
      schedule: options.schedule,
      areDropsChosen: given.has("lr_drops"),
    },
  });

/** The net of a phase: from the options and files of a new run, from the state of a resumed one, or both for new bits. */
interface PhaseNet {
  readonly spec: NetSpec;
  /** Whose weights it starts from. */
  readonly start: Checkpoint | undefined;
}

const netOfPhase = async (
  { call }: Phase,
  files: InputFiles,
  dataSet: DataSet,
  resumed: ResumedRun | undefined,
): Promise<PhaseNet> => {
  if (!resumed) return { spec: chooseSpec(call, dataSet.info, files), start: weightsFile(files) };
  if (!resumed.isNewPhase) return { spec: resumedSpec(resumed, dataSet), start: undefined };
  const start = await loadCheckpoint(resumed.state.path);
  return {
    spec: chooseSpec(call, dataSet.info, { ...files, refine: start, resume: undefined }),
    start,
  };
};

/** A resumed run at the begin of a phase with other bits: no net has been tested with them. */
const inPhase = (resumed: ResumedRun | undefined, { call }: Phase): ResumedRun | undefined => {
  if (!resumed) return undefined;
  const { quantization } = resumed.state.manifest.spec;
  if (JSON.stringify(quantization) === JSON.stringify(call.quantization)) return resumed;
  const { record } = resumed;
  const position = { ...record.position, bestAccuracy: Number.NEGATIVE_INFINITY };
  return { ...resumed, record: { ...record, position }, isNewPhase: true };
};

/** Trains a net in a new or resumed run, up to the end of the current phase. */
const trainPhase = async (
  call: TrainingCall,
  files: InputFiles,
  found: ResumedRun | undefined,
  context: SharedContext,
): Promise<TrainResult | PhaseEnd> => {
  const { workers } = context;
  const startedAt = context.now();
  const { options } = call;
  const phase = phaseAt(call, found?.record.position.epoch ?? 1);
  const given = found ? undefined : weightsFile(files);
  const source = given ?? files.backbone;
  const trained = found ? found.state.manifest.dataSet : source && knownDataSetInfo(source);
  if (!found && !given) checkArchitecture(files.net, options);
  const dataSet = await openDataSet(options, context, { trained }).catch((error: unknown) => {
    throw adviceOnRecordedDataSet(error, call, given);
  });
  const resumed = inPhase(found && withRunImages(found, dataSet), phase);
  const { new_weights: hasNewWeights } = (resumed?.call ?? call).options;
  const { spec, start } = await netOfPhase(phase, files, dataSet, resumed);
  checkTask(spec, dataSet.info, (resumed?.call ?? call).options);
  const parts = trainedParts(graphOf(spec), (resumed?.call ?? call).options);
  const taught = await readTeacher((resumed?.call ?? call).options, dataSet.info, resumed);
  const hints = hintValues((resumed?.call ?? call).options.hints, spec, taught?.spec);
  checkMemory(spec, options, dataSet, machineMemory());
  reportStart(resumed?.call ?? call, spec, dataSet, context);
  const path = await chooseModelPath(call, files, resumed);
  const notices = [
    resumed ? undefined : await unfinishedRun(path),
    given && renamedClasses(given, dataSet.info, options.data),
    given && headReplaced(given, spec),
    given && otherDataSet(call, given),
  ];
  for (const notice of notices) if (notice) context.onEvent(notice);
  const engine = await startEngine(options.engine, context);
  const settled = withPrecision(call, engine, context);
  const precision = precisionOf(settled.options);
  const createNet = (): Net => {
    const net = buildNet(spec, initialValuesOf(call, spec), {
      ...parts,
      precision,
      watched: hints.own,
      syncedBy: options.sync_bn ? workers : undefined,
    });
    if (start && (resumed || !hasNewWeights)) {
      applyCheckpoint(net, withOwnRanges(withOwnHead(start, net), net));
    }
    if (files.backbone && !start && !resumed) applyBackbone(net, files.backbone);
    return net;
  };
  const teacher = taught && openTeacher(taught, dataSet.info, { precision, watched: hints.taught });
  const wholeBatch = wholeBatchOf(resumed?.call ?? call, workers, resumed);
  if (workers.count > 1) {
    const text = `Batches of ${wholeBatch} images, shared by ${workers.count} workers`;
    if (workers.index === 0) context.onEvent({ kind: "message", text });
  }
  const begun = {
    ...{ call: settled, phase, context, dataSet, teacher, startedAt, workers, wholeBatch },
  };
  const startBest = resumed
    ? (resumed.record.startBest ?? undefined)
    : startAccuracy(files, dataSet);
  const origin = source && !found ? await provenanceOf(source) : [];
  const target = { path, resumed, startBest, origin, engine: engine.kind, teacher: taught?.digest };
  let net: Net | undefined;
  try {
    const rated = await withFoundRate(begun, createNet);
    net = createNet();
    compareRuns(workers, net, dataSet, [rated.options.lr, precision, taught?.digest ?? null]);
    const run: Run = { ...begun, call: rated, net };
    return isRunDone(run, target) ? await repeatEnd(run, target) : await runEpochs(run, target);
  } finally {
    teacher?.dispose();
    net?.dispose();
  }
};

/** Trains a net in a new or resumed run, phase by phase. */
const trainNewOrResumed = async (
  call: TrainingCall,
  files: InputFiles,
  found: ResumedRun | undefined,
  context: SharedContext,
): Promise<TrainResult> => {
  const first = await trainPhase(call, files, found, context);
  if (first.kind !== "phase-ended") return first;
  // A new phase begins as a resumed run does, so that both compute the same.
  const silent = { onEvent: () => {} };
  const asked = { ...call, given: new Set<string>() };
  const next = await resumedRun(asked, trainingStatePathOf(first.file), silent);
  return trainNewOrResumed(next?.call ?? call, files, next, context);
};

/**
 * Trains or tests a net. Everything that can be checked is checked before the engine is loaded. Writes the best model,
 * its training history and the training state, from which an interrupted run resumes exactly.
 * @throws QpruneError if options, files and data do not fit together, and if the run fails.
 */
export const trainModel = (asked: TrainingCall, context: WorkflowContext): Promise<TrainResult> =>
  withTimeLimit(context, asked.options.time_limit, (limited) => trainOrTest(asked, limited));

/** Refuses options that do not fit together. @throws QpruneError (usage) */
const checkTraining = (options: TrainingOptions, given: ReadonlySet<string>): void => {
  checkOptimization(options, given);
  checkBitSchedule(options);
};

const trainOrTest = async (asked: TrainingCall, context: WorkflowContext): Promise<TrainResult> => {
  const detected = await withDetectedDataSet(await withPretrained(asked, context));
  return takeSeat(detected, context, trainOrTestSeated);
};

/** The error of a worker that has not been asked to stop itself. */
const stoppedByWorker = (): QpruneError =>
  new QpruneError("Another worker was asked to stop, and all stopped after the same step.", {
    kind: "temporary",
    code: "worker-missing",
    hint: "Run the same command again on all machines, and resume the run.",
  });

const trainOrTestSeated = async (
  seated: TrainingCall,
  context: SharedContext,
): Promise<TrainResult> => {
  const { workers } = context;
  // A training state is read after locking; a model file now.
  const isRun =
    seated.options.resume === "auto" ||
    (!seated.options.evaluate && (await namesState(seated.options)));
  const files = await readInputFiles(
    isRun ? { ...seated.options, resume: undefined } : seated.options,
  );
  const call = withRecordedSize(seated, weightsFile(files));
  const { options } = call;
  checkTrainable(options, files);
  if (!isRun) checkTraining(options, call.given);
  if (call.command === "prune") checkPruneNet(options, files, call.sparsityLambda);
  const file = weightsFile(files);
  if (options.evaluate && file) {
    return { kind: "evaluated", ...(await evaluateModel(call, files, file, context)) };
  }
  checkRecordedImages(call, files);
  const modelPath = options.save ?? defaultPathOf(call, files);
  const state = isRun ? await stateOf(options, modelPath) : undefined;
  if (workers.index === 0) await sendRun(workers, state, modelPath);
  const ownState = options.save === undefined && state ? state : trainingStatePathOf(modelPath);
  if (options.save === undefined) await mkdir(dirname(ownState), { recursive: true });
  else await checkFolder(dirname(options.save), option("save"));
  const run = async (): Promise<TrainResult> => {
    // Read after locking, since another run may have just resumed it.
    const resumed = state === undefined ? undefined : await resumedRun(call, state, context);
    if (isRun) checkTraining((resumed?.call ?? call).options, call.given);
    const result = await trainNewOrResumed(resumed?.call ?? call, files, resumed, context);
    if (result.kind === "interrupted" && workers.count > 1 && !context.signal.aborted) {
      throw stoppedByWorker();
    }
    return workers.index === 0 ? result : { kind: "assisted", worker: workers.index };
  };
  return withRunLock(ownState, run, context);
};
