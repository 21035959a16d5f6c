import { QpruneError } from "../../../base/errors.js";
import { firstProblem } from "../../../base/first-problem.js";
import { STATE_SUFFIX, statePathOf } from "../../../checkpoint/state-path.js";
import { readTrainingState, type TrainingState } from "../../../checkpoint/training-state.js";
import { exists } from "../../../files/exists.js";
import { startOfEpoch } from "../../../train/training-position.js";
import type { CommandContext } from "../../../cli/command.js";
import { type RunRecord, readRecord } from "./run-record.js";
import type { TrainingCall, TrainingOptions } from "../training-call.js";

/** A run that goes on, with its options in place of the defaults. */
export interface ResumedRun {
  readonly state: TrainingState;
  readonly record: RunRecord;
  readonly call: TrainingCall;
}

/** The model file beside a training state; a state by another name tells of none. */
const modelPathOf = (statePath: string, suffix: string): string | undefined =>
  statePath.endsWith(STATE_SUFFIX)
    ? `${statePath.slice(0, -STATE_SUFFIX.length)}${suffix}`
    : undefined;

/** Flags of a call, not of a run: they are never taken from a state. */
const OF_A_CALL: ReadonlySet<string> = new Set([
  "resume",
  "key",
  "evaluate",
  "override",
  "force",
  "json",
  "quiet",
  "log_every",
  "cpu",
  "download",
  "save",
  "engine",
]);
/** Flags that change how long a run takes and how it is fed, but not what it computes. */
const HARMLESS: ReadonlySet<string> = new Set([
  "epochs",
  "max_steps",
  "num_workers",
  "data",
  "eval_batch_size",
  "save_every",
  "max_damaged",
  "log_dir",
]);
/** Flags that would make another net or need other images: no run can go on with them. */
const OF_ANOTHER_RUN: ReadonlySet<string> = new Set([
  "arch",
  "cfg",
  "width",
  "Wbits",
  "Abits",
  "W",
  "A",
  "alpha",
  "gap",
  "ste",
  "binary_values",
  "bn_momentum",
  "fixed_gamma",
  "refine",
  "dataset",
  "image_size",
  "val_split",
]);

const shown = (key: string, value: unknown): string =>
  `--${key.replaceAll("_", "-")} ${value === undefined ? "none" : String(value)}`;

/** What the call's flags change against the state, in words. @throws QpruneError (usage) where they may not. */
const changesOf = ({ options, given }: TrainingCall, record: RunRecord, path: string): string[] => {
  const before: Readonly<Record<string, unknown>> = { ...record.options, engine: record.engine };
  const now = options as unknown as Readonly<Record<string, unknown>>;
  const changed = [...given].filter(
    (key) => !OF_A_CALL.has(key) && JSON.stringify(now[key]) !== JSON.stringify(before[key]),
  );
  const inWords = (key: string): string =>
    `${shown(key, now[key])} (the run has ${String(before[key] ?? "none")})`;
  const other = changed.filter((key) => OF_ANOTHER_RUN.has(key));
  if (other.length > 0) {
    throw new QpruneError(`${path} cannot go on with ${other.map(inWords).join(", ")}.`, {
      kind: "usage",
      hint: "Leave it out, or start a new run from the model file with --refine.",
    });
  }
  const isOtherEngine = options.engine !== undefined && options.engine !== record.engine;
  if (isOtherEngine) changed.push("engine");
  const harmful = changed.filter((key) => !HARMLESS.has(key));
  if (harmful.length > 0 && !options.override) {
    throw new QpruneError(
      `${path} would go on in another way: ${harmful.map(inWords).join(", ")}.`,
      { kind: "usage", hint: "Leave it out to go on exactly, or change the run with --override." },
    );
  }
  return changed.map(inWords);
};

/** Options of a state went through the same schema once; a damaged file's do not pass it again. */
const checkedOptions = ({ schema }: TrainingCall, { options }: RunRecord, path: string) => {
  // An empty list is what "none" stands for.
  const drops = Array.isArray(options.lr_drops) && options.lr_drops.length === 0;
  const parsed = schema.safeParse(drops ? { ...options, lr_drops: "none" } : options);
  if (parsed.success) return parsed.data as Readonly<Record<string, unknown>>;
  throw new QpruneError(
    `${path}: the options of the run are damaged (${firstProblem(parsed.error, "options")}).`,
    { hint: "Start from the model file beside it with --resume, or start the run anew." },
  );
};

/** Where batches are cut in another way, the epoch under way begins anew. */
const positionOf = ({ options }: TrainingCall, { position, options: before }: RunRecord) => {
  const isCutAnew =
    options.train_batch_size !== before.train_batch_size ||
    options.train_limit !== before.train_limit;
  return isCutAnew ? { ...position, ...startOfEpoch(position.epoch) } : position;
};

/** The call with the run's options, over which its own flags stand. */
const mergedCall = (call: TrainingCall, record: RunRecord, path: string): TrainingCall => {
  const { options, given } = call;
  const told = Object.entries(checkedOptions(call, record, path)).filter(
    ([key]) => !given.has(key) && !OF_A_CALL.has(key),
  );
  const isSparsityGiven = given.has("s") || given.has("sparsity_regularization");
  return {
    ...call,
    options: {
      ...options,
      ...Object.fromEntries(told),
      engine: options.engine ?? record.engine,
    } as TrainingOptions,
    sparsityLambda: isSparsityGiven ? call.sparsityLambda : (record.sparsityLambda ?? undefined),
    stage: record.stage ?? undefined,
  };
};

/** Whether --resume names a training state, and not a model file. */
export const namesState = async ({ resume, key }: TrainingOptions): Promise<boolean> =>
  resume !== undefined && (await readTrainingState(resume, { key })) !== undefined;

/** The state that --resume names: `auto` that of the model file `modelPath`, if there is one. */
export const stateOf = async (
  { resume }: TrainingOptions,
  modelPath: string,
): Promise<string | undefined> => {
  if (resume !== "auto") return resume;
  const path = statePathOf(modelPath);
  return (await exists(path)) ? path : undefined;
};

/**
 * The run that a training state goes on with.
 * @throws QpruneError for a state of another command, a damaged one, and flags that it cannot go on with.
 */
export const resumedRun = async (
  call: TrainingCall,
  path: string,
  context: CommandContext,
): Promise<ResumedRun | undefined> => {
  const state = await readTrainingState(path);
  if (!state) return undefined;
  const record = readRecord(state.record, path);
  if (record.command !== call.command) {
    throw new QpruneError(`${path} is a run of qprune ${record.command}, not of ${call.command}.`, {
      kind: "usage",
      hint: `Go on with it by: qprune ${record.command} --resume ${path}`,
    });
  }
  const changes = changesOf(call, record, path);
  const merged = mergedCall(call, record, path);
  const position = positionOf(merged, record);
  const { epoch, batchesDone } = position;
  const where = batchesDone === 0 ? `epoch ${epoch}` : `epoch ${epoch}, batch ${batchesDone}`;
  if (!call.options.json && !call.options.quiet) {
    context.stderr.write(`Going on with ${path} at ${where}\n`);
  }
  for (const change of changes) context.stderr.write(`Changed: ${change}\n`);
  return { state, record: { ...record, position }, call: merged };
};

/**
 * The model file of a run that goes on: --save, else the file beside its state.
 * @throws QpruneError (usage) where the state's name tells of none.
 */
export const modelOfRun = ({ call, state, record }: ResumedRun): string => {
  const path = call.options.save ?? modelPathOf(state.path, record.suffix);
  if (path !== undefined) return path;
  throw new QpruneError(`${state.path} does not tell its model by its name.`, {
    kind: "usage",
    hint: `Give --save NAME${record.suffix}, or name the state NAME${STATE_SUFFIX}.`,
  });
};
