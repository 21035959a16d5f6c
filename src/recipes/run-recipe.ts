import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import { jsonText } from "../base/visible-text.js";
import { writeFailure, writeFileAtomically } from "../files/write-file-atomically.js";
import type { ArchChoice } from "../options/arch-choice.js";
import type { runOptions } from "../options/commands/run-options.js";
import type { Call } from "../workflows/call.js";
import { netOfArch } from "../workflows/nets/net-of-arch.js";
import { withPatientLock } from "../workflows/outputs/with-patient-lock.js";
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
import { fetchImages } from "./running/fetch-images.js";
import type { StageOutcome } from "./running/make-stage.js";
import { type PlannedStage, planRecipe } from "./running/plan-recipe.js";
import { type RecipeReport, recipeReport } from "./running/recipe-report.js";
import { readRecipeState } from "./running/recipe-state.js";
import { runStages } from "./running/run-stages.js";
import { createDataDigests } from "./running/stage-parts.js";
import type { Recipe } from "./stages/stage.js";

export type RunCall = Omit<Call<typeof runOptions>, "argv">;

/** What running a recipe ends with. */
export type RecipeResult =
  /** A dry run: what would be done. */
  | { readonly kind: "planned"; readonly recipe: Recipe; readonly stages: readonly PlannedStage[] }
  /** The run was stopped in a stage; it can be resumed. */
  | { readonly kind: "stopped"; readonly recipe: Recipe; readonly stage: string }
  | {
      readonly kind: "done";
      readonly recipe: Recipe;
      readonly stages: readonly StageOutcome[];
      readonly report: RecipeReport;
      /** Where the report was written. */
      readonly file: string;
    };

const readChecked = async ({ recipe, folder, set }: RunCall["options"]): Promise<Recipe> => {
  const path = await findRecipe(recipe);
  const written = readRecipe(await readRecipeText(path), path);
  return makeRecipe(written, { folder, sets: set ?? [] });
};

/** Files, images and packages: what a recipe needs of the machine that it runs on. */
const checkSurroundings = async (recipe: Recipe): Promise<void> => {
  // A path that a recipe takes for a description ends like one.
  const nets = await checkNets(recipe, (path) => netOfArch(path as ArchChoice));
  const data = await checkData(recipe, nets);
  refuseProblems(recipe.path, [...nets, ...data, ...(await checkPackages(recipe))]);
};

const readState = async (recipe: Recipe) => {
  const state = await readRecipeState(recipe.folder);
  refuseProblems(recipe.path, await checkFolder(recipe, state));
  return state;
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
  await writeFileAtomically(file, [new TextEncoder().encode(`${jsonText(report, 2)}\n`)]);
  return { kind: "done", recipe, stages, report, file };
};

/**
 * Runs a recipe, or plans a run; everything that can be wrong is checked first. Stages that are done and unchanged are
 * kept, and a stopped run resumes where it was.
 * @throws QpruneError naming all that is wrong with the recipe, or the stage that failed.
 */
export const runRecipe = async (
  { options }: RunCall,
  context: RecipeContext,
): Promise<RecipeResult> => {
  const recipe = await readChecked(options);
  await checkSurroundings(recipe);
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
      `Another run of a recipe (${holder}) writes into ${recipe.folder}.`,
      `Wait for it, or choose another folder with ${option("folder")}.`,
    );
  const lock = `${join(recipe.folder, STATE_FILE)}.lock`;
  return withPatientLock(lock, refusal, () => runLocked(recipe, context), context);
};
