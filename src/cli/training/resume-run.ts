import { access } from "node:fs/promises";
import { readTrainingState, type TrainingState } from "../../checkpoint/training-state.js";
import { QpruneError } from "../../core/errors.js";
import type { CommandContext } from "../command.js";
import { type RunRecord, readRecord } from "./run-record.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** A run that goes on, with its options in place of the defaults. */
export interface ResumedRun {
  readonly state: TrainingState;
  readonly record: RunRecord;
  readonly call: TrainingCall;
}

/** The training state beside a model file: nin.safetensors has nin.state.safetensors. */
export const statePathOf = (modelPath: string): string =>
  `${modelPath.replace(/\.[^./\\]+$/, "")}.state.safetensors`;

/** Flags of a call, not of a run: they are never taken from a state. */
const OF_A_CALL: ReadonlySet<string> = new Set([
  "resume",
  "evaluate",
  "override",
  "force",
  "json",
  "quiet",
  "log_every",
  "cpu",
  "download",
  "save_every",
  "engine",
]);
/** Flags that change how long a run takes and how it is fed, but not what it computes. */
const HARMLESS: ReadonlySet<string> = new Set([
  "epochs",
  "max_steps",
  "num_workers",
  "data",
  "save",
  "eval_batch_size",
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
  "refine",
  "dataset",
]);

const shown = (key: string, value: unknown): string =>
  `--${key.replaceAll("_", "-")} ${value === undefined ? "none" : String(value)}`;

/** What the call's flags change against the state, in words. @throws QpruneError (usage) where they may not. */
const changesOf = (
  { options, given }: TrainingCall,
  { options: before }: RunRecord,
  path: string,
): string[] => {
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
  const harmful = changed.filter((key) => !HARMLESS.has(key));
  if (harmful.length > 0 && !options.override) {
    throw new QpruneError(
      `${path} would go on in another way: ${harmful.map(inWords).join(", ")}.`,
      { kind: "usage", hint: "Leave it out to go on exactly, or change the run with --override." },
    );
  }
  return changed.map(inWords);
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The call with the run's options, over which its own flags stand. */
const mergedCall = (call: TrainingCall, record: RunRecord): TrainingCall => {
  const { options, given } = call;
  const told = Object.entries(record.options).filter(
    ([key]) => !given.has(key) && !OF_A_CALL.has(key),
  );
  const isSparsityGiven = given.has("s") || given.has("sparsity_regularization");
  return {
    ...call,
    options: { ...options, ...Object.fromEntries(told) } as TrainingOptions,
    sparsityLambda: isSparsityGiven ? call.sparsityLambda : (record.sparsityLambda ?? undefined),
    stage: record.stage ?? undefined,
  };
};

/**
 * The run that `--resume auto` (the state of the model file `modelPath`, if there is one) or
 * `--resume STATE` goes on with; undefined for a fresh run and for a model file.
 * @throws QpruneError for a state of another command, a damaged one, and flags that it cannot go on with.
 */
export const resumedRun = async (
  call: TrainingCall,
  modelPath: string,
  context: CommandContext,
): Promise<ResumedRun | undefined> => {
  const { resume } = call.options;
  const path = resume === "auto" ? statePathOf(modelPath) : resume;
  if (path === undefined || (resume === "auto" && !(await exists(path)))) return undefined;
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
  const { epoch, batchesDone } = record.position;
  const where = batchesDone === 0 ? `epoch ${epoch}` : `epoch ${epoch}, batch ${batchesDone}`;
  if (!call.options.json && !call.options.quiet) {
    context.stderr.write(`Going on with ${path} at ${where}\n`);
  }
  for (const change of changes) context.stderr.write(`Changed: ${change}\n`);
  return { state, record, call: mergedCall(call, record) };
};
