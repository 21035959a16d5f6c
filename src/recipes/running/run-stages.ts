import { QpruneError } from "../../base/errors.js";
import { plainProblem } from "../options/plain-problem.js";
import type { RecipeContext } from "../recipe-events.js";
import { locationText } from "../source-location.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { decideStage } from "./decide-stage.js";
import { makeStage, type StageOutcome } from "./make-stage.js";
import { openStateStore, type RecipeState, type StateStore } from "./recipe-state.js";
import { type DataDigests, stageParts } from "./stage-parts.js";

/** A recipe whose stages are to run. */
interface StagesToRun {
  readonly recipe: Recipe;
  /** Records of earlier runs in the recipe's folder, which must exist. */
  readonly state: RecipeState;
  readonly dataDigest: DataDigests;
}

interface StagesOutcome {
  readonly stages: readonly StageOutcome[];
  /** The stage in which the run was interrupted; undefined if it finished. */
  readonly stoppedIn: string | undefined;
}

/** The error of a stage with its location, in terms of a recipe's options. */
const inStage = (error: unknown, { name, location }: Stage, { path }: Recipe): unknown => {
  if (!(error instanceof QpruneError)) return error;
  const { message, hint } = plainProblem(error);
  const { kind, code, details } = error;
  return new QpruneError(`${locationText(path, location)}: ${name}: ${message}`, {
    kind,
    details,
    // By its code, the command line would advise flags instead.
    ...(hint === undefined ? code !== undefined && { code } : { hint }),
    cause: error,
  });
};

/** Keeps a stage that is finished and unchanged, or runs it; undefined if it was interrupted. */
const keepOrMake = async (
  stage: Stage,
  { recipe, dataDigest }: StagesToRun,
  store: StateStore,
  context: RecipeContext,
): Promise<StageOutcome | undefined> => {
  const parts = await stageParts(stage, recipe, dataDigest);
  const known = store.recordOf(stage.name);
  const decision = await decideStage(stage, recipe.folder, parts, known);
  if (decision.action !== "keep" || !known?.done) {
    return makeStage(stage, { recipe, decision, parts, store }, context);
  }
  context.onEvent({ kind: "stage-kept", recipe, stage, decision });
  return { stage, isKept: true, record: { ...known, done: known.done } };
};

const isStop = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted &&
  (error === signal.reason || (error instanceof Error && error.name === "AbortError"));

/**
 * Runs the stages of a recipe in order; stages that are finished and unchanged are kept. The outcome of each stage is
 * recorded before the next one starts, so that an interrupted run can be resumed.
 * @throws QpruneError of the first stage that fails, with the location of the stage.
 */
export const runStages = async (
  toRun: StagesToRun,
  context: RecipeContext,
): Promise<StagesOutcome> => {
  const { recipe, state } = toRun;
  const { signal } = context;
  const store = openStateStore(recipe.folder, state);
  const stages: StageOutcome[] = [];
  for (const stage of recipe.stages) {
    if (signal.aborted) return { stages, stoppedIn: stage.name };
    try {
      const outcome = await keepOrMake(stage, toRun, store, context);
      if (!outcome) return { stages, stoppedIn: stage.name };
      stages.push(outcome);
    } catch (error) {
      if (isStop(error, signal)) return { stages, stoppedIn: stage.name };
      throw inStage(error, stage, recipe);
    }
  }
  return { stages, stoppedIn: undefined };
};
