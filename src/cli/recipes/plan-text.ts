import chalk from "chalk";
import { shellCommand } from "../../options/names/shell-command.js";
import type { PlannedStage } from "../../recipes/running/plan-recipe.js";
import { stageArgv } from "../../recipes/running/stage-argv.js";
import type { Recipe } from "../../recipes/stages/stage.js";

const ACTIONS = { keep: "is kept", run: "runs", resume: "resumes", wait: "may run" } as const;

const stageText = ({ stage, decision }: PlannedStage, recipe: Recipe): string => {
  const argv = stageArgv(stage, recipe, { resumes: decision.action === "resume" });
  return [
    `${chalk.bold(stage.name)} (${stage.kind}) ${ACTIONS[decision.action]}: ${decision.why}\n`,
    `  ${shellCommand(argv)}\n`,
  ].join("");
};

/** What a run would do with each stage, and the command of the stage. */
export const planText = (recipe: Recipe, planned: readonly PlannedStage[]): string =>
  [
    `${recipe.path}: ${planned.length} stages, files in ${recipe.folder}\n`,
    recipe.about === undefined ? "" : `${recipe.about.trim()}\n`,
    "\n",
    ...planned.map((each) => stageText(each, recipe)),
  ].join("");

/** The plan as --json prints it. */
export const planJson = (recipe: Recipe, planned: readonly PlannedStage[]): object => ({
  recipe: recipe.path,
  folder: recipe.folder,
  stages: planned.map(({ stage, decision }) => ({
    name: stage.name,
    kind: stage.kind,
    ...decision,
    command: shellCommand(stageArgv(stage, recipe, { resumes: decision.action === "resume" })),
  })),
});
