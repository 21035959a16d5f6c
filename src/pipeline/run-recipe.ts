import { rename } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../core/errors.js";
import { fileDigest } from "../files/file-digest.js";
import { writeFailure } from "../files/write-file-atomically.js";
import { type Decision, decideStage, stagePathOfState } from "./decide-stage.js";
import { measureStage } from "./measure-stage.js";
import { type RecipeState, type StageRecord, writeRecipeState } from "./recipe-state.js";
import type { Recipe, Stage } from "./stage.js";
import { stageArgv } from "./stage-argv.js";
import { type StageParts, stageKey } from "./stage-key.js";
import { STAGE_KINDS } from "./stage-kinds.js";
import { type DataDigests, inputPath, stageParts } from "./stage-parts.js";
import { placeText } from "./where.js";

/** What running a recipe needs of the world. */
export interface RunRecipeOptions {
  readonly recipe: Recipe;
  /** What is known of earlier runs in the recipe's folder, which is there. */
  readonly state: RecipeState;
  readonly dataDigest: DataDigests;
  /** Runs a call of the command line (without the leading `qprune`) to its end, or until `signal` stops it. */
  readonly runCommand: (argv: readonly string[]) => Promise<void>;
  readonly signal: AbortSignal;
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
  readonly onStage: (stage: Stage, decision: Decision, argv: readonly string[]) => void;
}

/** A stage that is done, by this run or an earlier one. */
export interface StageOutcome {
  readonly stage: Stage;
  readonly isKept: boolean;
  readonly record: StageRecord & { readonly done: NonNullable<StageRecord["done"]> };
}

export interface RecipeOutcome {
  readonly stages: readonly StageOutcome[];
  /** The stage in which the run was stopped; undefined where it came to its end. */
  readonly stoppedIn: string | undefined;
}

/** A fresh training must not find the state of another one, however it is stopped: it is kept as `.previous`. */
const moveOldState = async (stage: Stage, folder: string): Promise<void> => {
  const path = stagePathOfState(stage, folder);
  if (path === undefined) return;
  await rename(path, `${path}.previous`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw writeFailure(`${path}.previous`, error);
  });
};

const digestsOf = async ({ name, outputs }: Stage, folder: string) => {
  const digests = [];
  for (const { file } of outputs) {
    const sha256 = await fileDigest(join(folder, file));
    if (sha256 === undefined) throw new QpruneError(`${name} did not write ${join(folder, file)}.`);
    digests.push({ file, sha256 });
  }
  return digests;
};

const inStage = (error: unknown, { name, where }: Stage, { path }: Recipe): unknown =>
  error instanceof QpruneError
    ? new QpruneError(`${placeText(path, where)}: ${name}: ${error.message}`, {
        kind: error.kind,
        ...(error.hint !== undefined && { hint: error.hint }),
        cause: error,
      })
    : error;

/** What is known of the stages, on the disk as soon as it is known here. */
const openBook = (folder: string, known: RecipeState) => {
  let state = known;
  return {
    recordOf: (name: string): StageRecord | undefined => state[name],
    save: async (name: string, record: StageRecord): Promise<void> => {
      state = { ...state, [name]: record };
      await writeRecipeState(folder, state);
    },
  };
};
type Book = ReturnType<typeof openBook>;

/** Runs a stage whose files are not there yet; undefined where it was stopped. */
const makeStage = async (
  stage: Stage,
  decision: Decision,
  parts: StageParts,
  { recipe, now, signal, runCommand, onStage }: RunRecipeOptions,
  book: Book,
): Promise<StageOutcome | undefined> => {
  const { name, outputs, kind } = stage;
  const { folder } = recipe;
  const resumes = decision.action === "resume";
  const known = book.recordOf(name);
  if (!resumes) await moveOldState(stage, folder);
  const secondsBefore = resumes ? (known?.seconds ?? 0) : 0;
  const started = { key: stageKey(parts), parts, seconds: secondsBefore, done: null };
  await book.save(name, started);
  // Only exports refuse to replace a file; one that is known is the stage's own.
  const replaces = known !== undefined && kind === "export";
  const argv = stageArgv(stage, recipe, { resumes, replaces });
  onStage(stage, decision, argv);
  const startedAt = now();
  const seconds = () => secondsBefore + (now() - startedAt) / 1000;
  try {
    await runCommand(argv);
  } finally {
    if (signal.aborted) await book.save(name, { ...started, seconds: seconds() });
  }
  if (signal.aborted) return undefined;
  const [input] = stage.inputs;
  const source = input && inputPath(input, recipe);
  const form = STAGE_KINDS[kind].makes(stage.options);
  const numbers = await measureStage(join(folder, outputs[0].file), form, source);
  const done = { outputs: await digestsOf(stage, folder), numbers };
  const record = { ...started, seconds: seconds(), done };
  await book.save(name, record);
  return { stage, isKept: false, record };
};

/** Keeps a stage that is done and unchanged, or runs it. */
const bringToEnd = async (
  stage: Stage,
  options: RunRecipeOptions,
  book: Book,
): Promise<StageOutcome | undefined> => {
  const { recipe, dataDigest, onStage } = options;
  const parts = await stageParts(stage, recipe, dataDigest);
  const known = book.recordOf(stage.name);
  const decision = await decideStage(stage, recipe.folder, parts, known);
  if (decision.action !== "keep" || !known?.done) {
    return makeStage(stage, decision, parts, options, book);
  }
  onStage(stage, decision, []);
  return { stage, isKept: true, record: { ...known, done: known.done } };
};

const isStop = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted &&
  (error === signal.reason || (error instanceof Error && error.name === "AbortError"));

/**
 * Runs the stages of a recipe in order; those that are done and unchanged stay. What each has come to is
 * recorded beside its files before the next begins, so that a run which ends early is gone on with.
 * @throws QpruneError of the first stage that fails, with its place.
 */
export const runRecipe = async (options: RunRecipeOptions): Promise<RecipeOutcome> => {
  const { recipe, state, signal } = options;
  const book = openBook(recipe.folder, state);
  const stages: StageOutcome[] = [];
  for (const stage of recipe.stages) {
    if (signal.aborted) return { stages, stoppedIn: stage.name };
    try {
      const outcome = await bringToEnd(stage, options, book);
      if (!outcome) return { stages, stoppedIn: stage.name };
      stages.push(outcome);
    } catch (error) {
      if (isStop(error, signal)) return { stages, stoppedIn: stage.name };
      throw inStage(error, stage, recipe);
    }
  }
  return { stages, stoppedIn: undefined };
};
