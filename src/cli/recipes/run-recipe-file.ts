import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { writeFailure, writeFileAtomically } from "../../files/write-file-atomically.js";
import type { ArchChoice } from "../../options/arch-choice.js";
import type { runOptions } from "../../options/commands/run-options.js";
import { checkData } from "../../recipes/checks/check-data.js";
import { checkFolder } from "../../recipes/checks/check-folder.js";
import { checkNets } from "../../recipes/checks/check-nets.js";
import { REPORT_FILE, STATE_FILE } from "../../recipes/checks/check-outputs.js";
import { checkPackages } from "../../recipes/checks/check-packages.js";
import { makeRecipe } from "../../recipes/make-recipe.js";
import { readRecipe } from "../../recipes/reading/read-recipe.js";
import { readRecipeText } from "../../recipes/reading/read-recipe-text.js";
import { refuseProblems } from "../../recipes/recipe-problem.js";
import type { Decision } from "../../recipes/running/decide-stage.js";
import { planRecipe } from "../../recipes/running/plan-recipe.js";
import { readRecipeState } from "../../recipes/running/recipe-state.js";
import { runRecipe } from "../../recipes/running/run-recipe.js";
import { createDataDigests } from "../../recipes/running/stage-parts.js";
import type { Recipe, Stage } from "../../recipes/stages/stage.js";
import type { Call, CommandContext } from "../command.js";
import { netOfArch } from "../../workflows/nets/net-of-arch.js";
import { withPatientLock } from "../../workflows/outputs/with-patient-lock.js";
import { shellCommand } from "../../options/shell-command.js";
import { fetchImages } from "./fetch-images.js";
import { findRecipe } from "./find-recipe.js";
import { planJson, planText } from "./plan-text.js";
import { reportJson, reportText } from "./recipe-report.js";
import { stageRunner } from "./stage-runner.js";

type RunCall = Call<typeof runOptions>;
type RunOptions = RunCall["options"];

const readChecked = async (options: RunOptions): Promise<Recipe> => {
  const path = await findRecipe(options.recipe);
  const written = readRecipe(await readRecipeText(path), path);
  return makeRecipe(written, { folder: options.folder, sets: options.set ?? [] });
};

/** Files, images and packages: what a recipe needs of the machine that it is called on. */
const checkSurroundings = async (recipe: Recipe): Promise<void> => {
  // A path that a recipe takes for a description ends as one.
  const nets = await checkNets(recipe, (path) => netOfArch(path as ArchChoice));
  const data = await checkData(recipe, nets);
  refuseProblems(recipe.path, [...nets, ...data, ...(await checkPackages(recipe))]);
};

const showPlan = async (
  recipe: Recipe,
  { json }: RunOptions,
  { stdout }: CommandContext,
): Promise<void> => {
  const state = await readRecipeState(recipe.folder);
  refuseProblems(recipe.path, await checkFolder(recipe, state));
  const planned = await planRecipe(recipe, state, createDataDigests());
  stdout.write(json ? `${jsonText(planJson(recipe, planned))}\n` : planText(recipe, planned));
};

/** Says on stderr which stage comes, so that results on stdout stay what the stages say. */
const tellStage =
  ({ stages }: Recipe, { stderr }: CommandContext) =>
  (stage: Stage, { action, why }: Decision, argv: readonly string[]): void => {
    const place = `[${stages.indexOf(stage) + 1}/${stages.length}] ${stage.name}`;
    stderr.write(
      action === "keep" ? `${place} stays: ${why}\n` : `${place}: ${shellCommand(argv)}\n`,
    );
  };

const runStages = async (
  recipe: Recipe,
  { options, argv }: RunCall,
  context: CommandContext,
): Promise<void> => {
  const { signal, now, stderr, stdout } = context;
  const ownCall = shellCommand(argv);
  const startedAt = now();
  const state = await readRecipeState(recipe.folder);
  refuseProblems(recipe.path, await checkFolder(recipe, state));
  await fetchImages(recipe, context);
  const outcome = await runRecipe({
    recipe,
    state,
    dataDigest: createDataDigests(),
    runCommand: stageRunner(options.json ? { ...context, stdout: stderr } : context, ownCall),
    signal,
    now,
    onStage: tellStage(recipe, context),
  });
  if (outcome.stoppedIn !== undefined) {
    stderr.write(`Stopped in ${outcome.stoppedIn}. Go on with: ${ownCall}\n`);
    return;
  }
  const report = reportJson(recipe, outcome, (now() - startedAt) / 1000);
  const path = join(recipe.folder, REPORT_FILE);
  const text = `${jsonText(report, 2)}\n`;
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
  stdout.write(options.json ? `${jsonText(report)}\n` : `\n${reportText(outcome)}Saved ${path}\n`);
};

/** Runs a recipe's file, or shows what a run would do; everything that can be wrong is checked first. */
export const runRecipeFile = async (call: RunCall, context: CommandContext): Promise<void> => {
  const { options } = call;
  const recipe = await readChecked(options);
  await checkSurroundings(recipe);
  if (options.dry_run) return showPlan(recipe, options, context);
  await mkdir(recipe.folder, { recursive: true }).catch((cause) => {
    throw writeFailure(recipe.folder, cause);
  });
  const path = join(recipe.folder, STATE_FILE);
  const refusal = (holder: string) =>
    usageError(
      `Another run of a recipe (${holder}) writes into ${recipe.folder}.`,
      "Wait for it, or choose another folder with --folder.",
    );
  await withPatientLock(`${path}.lock`, refusal, () => runStages(recipe, call, context), context);
};
