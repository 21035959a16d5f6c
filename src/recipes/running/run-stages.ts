import { QpruneError, withMessage } from "../../base/errors.js";
import type { RecipeContext } from "../recipe-events.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { placeText } from "../where.js";
import { decideStage } from "./decide-stage.js";
import { makeStage, type StageOutcome } from "./make-stage.js";
import { openRecipeBook, type RecipeBook } from "./recipe-book.js";
import type { RecipeState } from "./recipe-state.js";
import { type DataDigests, stageParts } from "./stage-parts.js";

/** What running the stages of a recipe needs. */
interface StagesToRun {
  readonly recipe: Recipe;
  /** What is known of earlier runs in the recipe's folder, which exists. */
  readonly state: RecipeState;
  readonly dataDigest: DataDigests;
}

interface StagesOutcome {
  readonly stages: readonly StageOutcome[];
  /** The stage in which the run was stopped; undefined where it came to its end. */
  readonly stoppedIn: string | undefined;
}

const inStage = (error: unknown, { name, where }: Stage, { path }: Recipe): unknown =>
  error instanceof QpruneError
    ? withMessage(error, (message) => `${placeText(path, where)}: ${name}: ${message}`)
    : error;

/** Keeps a stage that is done and unchanged, or runs it. */
const bringToEnd = async (
  stage: Stage,
  { recipe, dataDigest }: StagesToRun,
  book: RecipeBook,
  context: RecipeContext,
): Promise<StageOutcome | undefined> => {
  const parts = await stageParts(stage, recipe, dataDigest);
  const known = book.recordOf(stage.name);
  const decision = await decideStage(stage, recipe.folder, parts, known);
  if (decision.action !== "keep" || !known?.done) {
    return makeStage(stage, { recipe, decision, parts, book }, context);
  }
  context.onEvent({ kind: "stage-kept", recipe, stage, decision });
  return { stage, isKept: true, record: { ...known, done: known.done } };
};

const isStop = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted &&
  (error === signal.reason || (error instanceof Error && error.name === "AbortError"));

/**
 * Runs the stages of a recipe in order; those that are done and unchanged are kept. The outcome of each is recorded
 * next to its files before the next begins, so that a run which ends early can be resumed.
 * @throws QpruneError of the first stage that fails, with its place.
 */
export const runStages = async (
  toRun: StagesToRun,
  context: RecipeContext,
): Promise<StagesOutcome> => {
  const { recipe, state } = toRun;
  const { signal } = context;
  const book = openRecipeBook(recipe.folder, state);
  const stages: StageOutcome[] = [];
  for (const stage of recipe.stages) {
    if (signal.aborted) return { stages, stoppedIn: stage.name };
    try {
      const outcome = await bringToEnd(stage, toRun, book, context);
      if (!outcome) return { stages, stoppedIn: stage.name };
      stages.push(outcome);
    } catch (error) {
      if (isStop(error, signal)) return { stages, stoppedIn: stage.name };
      throw inStage(error, stage, recipe);
    }
  }
  return { stages, stoppedIn: undefined };
};
