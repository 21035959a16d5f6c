import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import { jsonText } from "../base/visible-text.js";
import { writeFailure, writeTextAtomically } from "../files/writing/write-file-atomically.js";
import type { runOptions } from "../options/commands/run-options.js";
import type { ArchChoice } from "../options/values/arch-choice.js";
import type { Call } from "../workflows/call.js";
import { fetchDataSet } from "../workflows/images/fetch-data-set.js";
import { netOfArch } from "../workflows/nets/net-of-arch.js";
import { withPatientLock } from "../workflows/outputs/with-patient-lock.js";
import { clusterOf } from "../workflows/training/workers/cluster-of.js";
import { withTimeLimit } from "../workflows/with-time-limit.js";
import { checkData } from "./checks/check-data.js";
import { checkFolder } from "./checks/check-folder.js";
import { checkNets } from "./checks/check-nets.js";
import { REPORT_FILE, STATE_FILE } from "./checks/check-outputs.js";
import { checkPackages } from "./checks/check-packages.js";
import { makeRecipe } from "./make-recipe.js";
import { findRecipe } from "./reading/find-recipe.js";
import { readRecipe } from "./reading/read-recipe.js";
import { readRecipeText } from "./reading/read-recipe-text.js";
import type { RecipeContext } from "./recipe-events.js";
import { refuseProblems } from "./recipe-problem.js";
import type { StageOutcome } from "./running/make-stage.js";
import { type PlannedStage, planRecipe } from "./running/plan-recipe.js";
import { type RecipeReport, recipeReport } from "./running/recipe-report.js";
import { readRecipeState } from "./running/recipe-state.js";
import { runStages } from "./running/run-stages.js";
import { createDataDigests } from "./running/stage-parts.js";
import type { Recipe } from "./stages/stage.js";
import { stageData } from "./stages/stage-data.js";

export type RunCall = Omit<Call<typeof runOptions>, "argv">;

/** The outcome of a recipe run. */
export type RecipeResult =
  /** A dry run: what would be done. */
  | { readonly kind: "planned"; readonly recipe: Recipe; readonly stages: readonly PlannedStage[] }
  /** The run was interrupted, or reached its time limit, in a stage; running the recipe again resumes it. */
  | { readonly kind: "stopped"; readonly recipe: Recipe; readonly stage: string }
  | {
      readonly kind: "done";
      readonly recipe: Recipe;
      readonly stages: readonly StageOutcome[];
      readonly report: RecipeReport;
      /** The path of the report. */
      readonly file: string;
    };

const readChecked = async ({ recipe, folder, set }: RunCall["options"]): Promise<Recipe> => {
  const path = await findRecipe(recipe);
  const parsed = readRecipe(await readRecipeText(path), path);
  return makeRecipe(parsed, { folder, sets: set ?? [] });
};

/** Checks what a recipe needs from the machine it runs on: model files, images and packages. */
const checkRequirements = async (recipe: Recipe): Promise<void> => {
  // optionFiles only yields paths that end in .json, as descriptions do.
  const nets = await checkNets(recipe, (path) => netOfArch(path as ArchChoice));
  const data = await checkData(recipe, nets);
  refuseProblems(recipe.path, [...nets, ...data, ...(await checkPackages(recipe))]);
};

const readState = async (recipe: Recipe) => {
  const state = await readRecipeState(recipe.folder);
  refuseProblems(recipe.path, await checkFolder(recipe, state));
  return state;
};

/** Downloads the data sets of stages with `download`, before anything is computed. */
const fetchImages = async (recipe: Recipe, context: RecipeContext): Promise<void> => {
  for (const stage of recipe.stages) {
    if (stage.options.download !== true) continue;
    const data = await stageData(stage, recipe);
    if (data) await fetchDataSet(data, context);
  }
};

const runLocked = async (recipe: Recipe, context: RecipeContext): Promise<RecipeResult> => {
  const { now } = context;
  const startedAt = now();
  const state = await readState(recipe);
  await fetchImages(recipe, context);
  const dataDigest = createDataDigests();
  const { stages, stoppedIn } = await runStages({ recipe, state, dataDigest }, context);
  if (stoppedIn !== undefined) return { kind: "stopped", recipe, stage: stoppedIn };
  const report = recipeReport(recipe, stages, (now() - startedAt) / 1000);
  const file = join(recipe.folder, REPORT_FILE);
  await writeTextAtomically(file, `${jsonText(report, 2)}\n`);
  return { kind: "done", recipe, stages, report, file };
};

/**
 * Runs a recipe, or plans a run (`dry_run`). Everything that can be checked is checked first. Stages that are finished
 * and unchanged are kept, and an interrupted stage resumes.
 * @throws QpruneError that lists all problems of the recipe, or names the stage that failed.
 */
export const runRecipe = async (
  { options }: RunCall,
  context: RecipeContext,
): Promise<RecipeResult> => {
  const recipe = await readChecked(options);
  await checkRequirements(recipe);
  if (clusterOf({}, context.env)) {
    throw usageError(
      "A recipe runs on one machine, but the variable TF_CONFIG lists several workers.",
      "Unset it, or start the recipe's training commands one after the other (docs/several-machines.md).",
    );
  }
  if (options.dry_run) {
    const state = await readState(recipe);
    const stages = await planRecipe(recipe, state, createDataDigests());
    return { kind: "planned", recipe, stages };
  }
  await mkdir(recipe.folder, { recursive: true }).catch((cause) => {
    throw writeFailure(recipe.folder, cause);
  });
  const refusal = (holder: string) =>
    usageError(
      `Another recipe run (${holder}) is writing to ${recipe.folder}.`,
      `Wait for it, or choose another folder with ${option("folder")}.`,
    );
  const lock = `${join(recipe.folder, STATE_FILE)}.lock`;
  return withTimeLimit(context, options.time_limit, (limited) =>
    withPatientLock(lock, refusal, () => runLocked(recipe, limited), limited),
  );
};
