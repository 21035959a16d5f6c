import type { z } from "zod";
import { QpruneError } from "../../../base/errors.js";
import { firstProblem } from "../../../base/first-problem.js";
import { option } from "../../../base/option-reference.js";
import { STATE_SUFFIX, statePathOf } from "../../../checkpoint/state-path.js";
import { readTrainingState, type TrainingState } from "../../../checkpoint/training-state.js";
import { exists } from "../../../files/exists.js";
import { effectOf } from "../../../options/flag.js";
import { startOfEpoch } from "../../../train/training-position.js";
import type { WorkflowContext } from "../../context.js";
import type { ChangedOption } from "../../events.js";
import type { TrainingCall, TrainingOptions } from "../training-call.js";
import { DAMAGED_STATE_HINT, type RunRecord, readRecord } from "./run-record.js";

/** A resumed run, with its options in place of the defaults. */
export interface ResumedRun {
  readonly state: TrainingState;
  readonly record: RunRecord;
  readonly call: TrainingCall;
}

/** The model file next to a training state; a state by another name has none. */
const modelPathOf = (statePath: string, suffix: string): string | undefined =>
  statePath.endsWith(STATE_SUFFIX)
    ? `${statePath.slice(0, -STATE_SUFFIX.length)}${suffix}`
    : undefined;

/** Whether an option belongs to a run, so that a resumed one takes its value from the state. */
const isOfRun = (schema: z.ZodObject, key: string): boolean => {
  const effect = effectOf(schema, key);
  return effect !== "source" && effect !== "only this call";
};

/** An option with another value than the run has, as part of a sentence. */
const inWords = ({ option: key, now, before }: ChangedOption): string =>
  `${option(key)} ${String(now ?? "none")} (the run has ${String(before ?? "none")})`;

/** The options that a call changes in a run. @throws QpruneError (usage) where they may not. */
const changesOf = (
  { options, given, schema }: TrainingCall,
  record: RunRecord,
  path: string,
): ChangedOption[] => {
  const before: Readonly<Record<string, unknown>> = { ...record.options, engine: record.engine };
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
    keys.map((key) => inWords(changeOf(key))).join(", ");
  const other = changed.filter((key) => effectOf(schema, key) === "another run");
  if (other.length > 0) {
    throw new QpruneError(`${path} cannot be resumed with ${textOf(other)}.`, {
      kind: "usage",
      hint: `Leave it out, or start a new run from the model file with ${option("refine")}.`,
    });
  }
  const inexact = changed.filter((key) => effectOf(schema, key) === "result");
  // Another engine rounds differently.
  const isOtherEngine = options.engine !== undefined && options.engine !== record.engine;
  if (isOtherEngine) inexact.push("engine");
  if (inexact.length > 0 && !options.override) {
    throw new QpruneError(`${path} would not resume exactly: ${textOf(inexact)}.`, {
      kind: "usage",
      hint: `Leave it out to resume exactly, or change the run with ${option("override")}.`,
    });
  }
  return [...changed, ...(isOtherEngine ? ["engine"] : [])].map(changeOf);
};

/** Options of a state went through the same schema once; a damaged file's do not pass it again. */
const checkedOptions = ({ schema }: TrainingCall, { options }: RunRecord, path: string) => {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data as Readonly<Record<string, unknown>>;
  throw new QpruneError(
    `${path}: the options of the run are damaged (${firstProblem(parsed.error, "options")}).`,
    { hint: DAMAGED_STATE_HINT },
  );
};

/** Where batches are cut in another way, the current epoch starts again. */
const positionOf = ({ options }: TrainingCall, { position, options: before }: RunRecord) => {
  const isCutDifferently =
    options.train_batch_size !== before.train_batch_size ||
    options.train_limit !== before.train_limit;
  return isCutDifferently ? { ...position, ...startOfEpoch(position.epoch) } : position;
};

/** The run's options, overridden by those that the call gives. */
const mergedCall = (call: TrainingCall, record: RunRecord, path: string): TrainingCall => {
  const { options, given, schema } = call;
  const recorded = Object.entries(checkedOptions(call, record, path)).filter(
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
    sparsityLambda: isSparsityGiven ? call.sparsityLambda : (record.sparsityLambda ?? undefined),
    stage: record.stage ?? undefined,
  };
};

/** Whether `resume` names a training state rather than a model file. */
export const namesState = async ({ resume, key }: TrainingOptions): Promise<boolean> =>
  resume !== undefined && (await readTrainingState(resume, { key })) !== undefined;

/** The state that `resume` names; `auto` stands for that of the model file `modelPath`, if there is one. */
export const stateOf = async (
  { resume }: TrainingOptions,
  modelPath: string,
): Promise<string | undefined> => {
  if (resume !== "auto") return resume;
  const path = statePathOf(modelPath);
  return (await exists(path)) ? path : undefined;
};

/**
 * The run of a training state.
 * @throws QpruneError for a state of another command, a damaged one, and options that it cannot be resumed with.
 */
export const resumedRun = async (
  call: TrainingCall,
  path: string,
  { onEvent }: Pick<WorkflowContext, "onEvent">,
): Promise<ResumedRun | undefined> => {
  const state = await readTrainingState(path);
  if (!state) return undefined;
  const record = readRecord(state.record, path);
  if (record.command !== call.command) {
    throw new QpruneError(`${path} is a run of ${record.command}, not of ${call.command}.`, {
      kind: "usage",
      hint: "Resume it by the training that it was started with.",
      code: "state-of-another-command",
      details: { command: record.command, path },
    });
  }
  const changes = changesOf(call, record, path);
  const merged = mergedCall(call, record, path);
  const position = positionOf(merged, record);
  const { epoch, batchesDone } = position;
  onEvent({ kind: "run-resumed", state: path, epoch, batchesDone, changes });
  return { state, record: { ...record, position }, call: merged };
};

/**
 * The model file of a resumed run: `save`, else the file next to its state.
 * @throws QpruneError (usage) where the state's name leads to none.
 */
export const modelOfRun = ({ call, state, record }: ResumedRun): string => {
  const path = call.options.save ?? modelPathOf(state.path, record.suffix);
  if (path !== undefined) return path;
  throw new QpruneError(`The name of ${state.path} does not lead to a model file.`, {
    kind: "usage",
    hint: `Give ${option("save")} NAME${record.suffix}, or name the state NAME${STATE_SUFFIX}.`,
  });
};
