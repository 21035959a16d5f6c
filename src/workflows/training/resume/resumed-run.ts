import type { z } from "zod";
import { QpruneError } from "../../../base/errors.js";
import { firstProblem } from "../../../base/first-problem.js";
import { option } from "../../../base/option-reference.js";
import {
  readTrainingState,
  type TrainingState,
} from "../../../checkpoint/training/training-state.js";
import {
  TRAINING_STATE_SUFFIX,
  trainingStatePathOf,
} from "../../../checkpoint/training/training-state-path.js";
import { exists } from "../../../files/reading/exists.js";
import { effectOf } from "../../../options/flag.js";
import { spansRun } from "../../../train/schedules/create-schedule.js";
import { startOfEpoch } from "../../../train/training-position.js";
import type { WorkflowContext } from "../../context.js";
import type { ChangedOption } from "../../events.js";
import type { TrainingCall, TrainingOptions } from "../training-call.js";
import { DAMAGED_STATE_HINT, type RunRecord, readRecord } from "./run-record.js";

/** A resumed run; its options replace the defaults of the call. */
export interface ResumedRun {
  readonly state: TrainingState;
  readonly record: RunRecord;
  readonly call: TrainingCall;
  /** Whether it begins a phase with other bits than those of the state (see phaseAt), and with a new optimizer. */
  readonly isNewPhase: boolean;
}

/** The model file next to a training state; undefined if the state has been renamed. */
const modelPathOf = (statePath: string, suffix: string): string | undefined =>
  statePath.endsWith(TRAINING_STATE_SUFFIX)
    ? `${statePath.slice(0, -TRAINING_STATE_SUFFIX.length)}${suffix}`
    : undefined;

/** Whether an option belongs to a run, so that the training state records its value. */
const isOfRun = (schema: z.ZodObject, key: string): boolean => {
  const effect = effectOf(schema, key);
  return effect !== "source" && effect !== "only this call";
};

/** The recorded options, checked again because the file may be damaged. */
const checkedOptions = (
  schema: z.ZodObject,
  { options }: RunRecord,
  path: string,
): Readonly<Record<string, unknown>> => {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new QpruneError(
    `${path}: the options of the run are damaged (${firstProblem(parsed.error, "options")}).`,
    { hint: DAMAGED_STATE_HINT },
  );
};

/** The value of an option; nothing and an empty list are none. */
const valueText = (value: unknown): string => String(value ?? "") || "none";

/** A changed option as part of a sentence. */
const changeText = ({ option: key, now, before }: ChangedOption): string =>
  `${option(key)} ${valueText(now)} (the run has ${valueText(before)})`;

/**
 * The options that a call changes in a run.
 * @throws QpruneError (usage) if they may not be changed.
 */
const changesOf = (
  { options, given, schema }: TrainingCall,
  record: RunRecord,
  path: string,
): ChangedOption[] => {
  // The defaults of options that are newer than the run are what it was trained with.
  const before: Readonly<Record<string, unknown>> = {
    ...checkedOptions(schema, record, path),
    engine: record.engine,
  };
  const now = options as unknown as Readonly<Record<string, unknown>>;
  const changed = [...given].filter(
    (key) => isOfRun(schema, key) && JSON.stringify(now[key]) !== JSON.stringify(before[key]),
  );
  const changeOf = (key: string): ChangedOption => ({
    option: key,
    now: now[key],
    before: before[key],
  });
  const textOf = (keys: readonly string[]): string =>
    keys.map((key) => changeText(changeOf(key))).join(", ");
  const other = changed.filter((key) => effectOf(schema, key) === "another run");
  if (other.length > 0) {
    throw new QpruneError(`${path} cannot be resumed with ${textOf(other)}.`, {
      kind: "usage",
      hint: `Omit it, or start a new run from the model file with ${option("refine")}.`,
    });
  }
  // With a cosine, earlier steps of a longer run would have had other learning rates.
  const inexact = changed.filter(
    (key) =>
      effectOf(schema, key) === "result" || (key === "epochs" && spansRun(record.options.schedule)),
  );
  // Engines round differently.
  const isOtherEngine = options.engine !== undefined && options.engine !== record.engine;
  if (isOtherEngine) inexact.push("engine");
  if (inexact.length > 0 && !options.override) {
    throw new QpruneError(`${path} would not resume exactly: ${textOf(inexact)}.`, {
      kind: "usage",
      hint: `Omit it to resume exactly, or allow the change with ${option("override")}.`,
    });
  }
  return [...changed, ...(isOtherEngine ? ["engine"] : [])].map(changeOf);
};

/** The position to resume at: with other batches, the current epoch starts again. */
const positionOf = ({ options }: TrainingCall, { position, options: before }: RunRecord) => {
  const areBatchesDifferent =
    options.train_batch_size !== before.train_batch_size ||
    options.accumulate !== before.accumulate ||
    options.train_limit !== before.train_limit;
  return areBatchesDifferent ? { ...position, ...startOfEpoch(position.epoch) } : position;
};

/** The call with the options of the run, except for those that it gives itself. */
const mergedCall = (call: TrainingCall, record: RunRecord, path: string): TrainingCall => {
  const { options, given, schema } = call;
  const recorded = Object.entries(checkedOptions(schema, record, path)).filter(
    ([key]) => !given.has(key) && isOfRun(schema, key),
  );
  const isSparsityGiven = given.has("s") || given.has("sparsity_regularization");
  return {
    ...call,
    options: {
      ...options,
      ...Object.fromEntries(recorded),
      engine: options.engine ?? record.engine,
    } as TrainingOptions,
    quantization: record.quantization ?? call.quantization,
    sparsityLambda: isSparsityGiven ? call.sparsityLambda : (record.sparsityLambda ?? undefined),
    stage: record.stage ?? undefined,
  };
};

/** The call without a learning rate and a precision that are to be chosen: a run keeps those that it chose. */
const withOwnChoices = (call: TrainingCall): TrainingCall => ({
  ...call,
  given: new Set(
    [...call.given].filter(
      (key) => !((key === "lr" || key === "precision") && call.options[key] === "auto"),
    ),
  ),
});

/** Whether `resume` names a training state rather than a model file. */
export const namesState = async ({ resume, key }: TrainingOptions): Promise<boolean> =>
  resume !== undefined && (await readTrainingState(resume, { key })) !== undefined;

/** The path of the training state that `resume` names; `auto` means that of the model `modelPath`, if there is one. */
export const stateOf = async (
  { resume }: TrainingOptions,
  modelPath: string,
): Promise<string | undefined> => {
  if (resume !== "auto") return resume;
  const path = trainingStatePathOf(modelPath);
  return (await exists(path)) ? path : undefined;
};

/**
 * Reads the run of a training state; undefined if the file is not a training state.
 * @throws QpruneError if the state is damaged or of another command, or the options do not allow resuming it.
 */
export const resumedRun = async (
  asked: TrainingCall,
  path: string,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): Promise<ResumedRun | undefined> => {
  const state = await readTrainingState(path);
  if (!state) return undefined;
  const record = readRecord(state.record, path);
  if (record.command !== asked.command) {
    throw new QpruneError(`${path} is from a run of ${record.command}, not of ${asked.command}.`, {
      kind: "usage",
      hint: "Resume it with the kind of training that it was started with.",
      code: "state-of-another-command",
      details: { command: record.command, path },
    });
  }
  const call = withOwnChoices(asked);
  const changes = changesOf(call, record, path);
  const merged = mergedCall(call, record, path);
  const position = positionOf(merged, record);
  const { epoch, batchesDone } = position;
  onEvent({ kind: "run-resumed", state: path, epoch, batchesDone, changes });
  return { state, record: { ...record, position }, call: merged, isNewPhase: false };
};

/**
 * The model file of a resumed run: `save`, or else the file next to its state.
 * @throws QpruneError (usage) if the state has been renamed.
 */
export const modelOfRun = ({ call, state, record }: ResumedRun): string => {
  const path = call.options.save ?? modelPathOf(state.path, record.suffix);
  if (path !== undefined) return path;
  throw new QpruneError(
    `${state.path} has no model file next to it, since its name does not end in ${TRAINING_STATE_SUFFIX}.`,
    {
      kind: "usage",
      hint: `Choose a model file with ${option("save")} NAME${record.suffix}, or rename the state to NAME${TRAINING_STATE_SUFFIX}.`,
    },
  );
};
