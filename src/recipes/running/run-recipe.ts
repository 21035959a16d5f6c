import { QpruneError, withMessage } from "../../base/errors.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { placeText } from "../where.js";
import { decideStage } from "./decide-stage.js";
import { makeStage, type StageOutcome, type StageWorld } from "./make-stage.js";
import { openRecipeBook, type RecipeBook } from "./recipe-book.js";
import type { RecipeState } from "./recipe-state.js";
import { type DataDigests, stageParts } from "./stage-parts.js";

/** What running a recipe needs beside what its stages do. */
export interface RunRecipeOptions extends StageWorld {
  /** What is known of earlier runs in the recipe's folder, which is there. */
  readonly state: RecipeState;
  readonly dataDigest: DataDigests;
}

export interface RecipeOutcome {
  readonly stages: readonly StageOutcome[];
  /** The stage in which the run was stopped; undefined where it came to its end. */
  readonly stoppedIn: string | undefined;
}

const inStage = (error: unknown, { name, where }: Stage, { path }: Recipe): unknown =>
  error instanceof QpruneError
    ? withMessage(error, `${placeText(path, where)}: ${name}: ${error.message}`)
    : error;

/** Keeps a stage that is done and unchanged, or runs it. */
const bringToEnd = async (
  stage: Stage,
  options: RunRecipeOptions,
  book: RecipeBook,
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
  const book = openRecipeBook(recipe.folder, state);
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
