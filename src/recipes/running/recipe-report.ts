import { join } from "node:path";
import { shellCommand } from "../../options/names/shell-command.js";
import type { Recipe } from "../stages/stage.js";
import type { StageOutcome } from "./make-stage.js";
import type { StageNumbers } from "./recipe-state.js";
import { stageArgv } from "./stage-argv.js";

/** One stage of a report. Accuracies are in percent, sizes in bytes; null if the file does not record it. */
export interface ReportedStage extends StageNumbers {
  readonly name: string;
  readonly kind: string;
  /** The stage as a command line. */
  readonly command: string;
  /** Whether its files come from an earlier run. */
  readonly kept: boolean;
  readonly file: string;
  readonly seconds: number;
}

/** The results of a recipe, as written next to its files. */
export interface RecipeReport {
  readonly recipe: string;
  readonly folder: string;
  readonly stages: readonly ReportedStage[];
  readonly seconds: number;
}

export const recipeReport = (
  recipe: Recipe,
  stages: readonly StageOutcome[],
  seconds: number,
): RecipeReport => ({
  recipe: recipe.path,
  folder: recipe.folder,
  stages: stages.map(({ stage, isKept, record }) => ({
    name: stage.name,
    kind: stage.kind,
    command: shellCommand(stageArgv(stage, recipe)),
    kept: isKept,
    file: join(recipe.folder, stage.outputs[0].file),
    ...record.done.numbers,
    seconds: record.seconds,
  })),
  seconds,
});
