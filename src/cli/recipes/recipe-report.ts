import { join } from "node:path";
import type { StageOutcome } from "../../recipes/running/make-stage.js";
import type { RecipeOutcome } from "../../recipes/running/run-recipe.js";
import { stageArgv } from "../../recipes/running/stage-argv.js";
import type { Recipe } from "../../recipes/stages/stage.js";
import { textTable } from "../../report/text-table.js";
import { shellCommand } from "../../options/shell-command.js";

const grouped = (value: number | null): string =>
  value === null ? "–" : value.toLocaleString("en-US");

const row = ({ stage, isKept, record }: StageOutcome): string[] => {
  const { accuracy, parameters, macs, packedBytes } = record.done.numbers;
  return [
    stage.name,
    accuracy === null ? "–" : `${accuracy.toFixed(2)}%`,
    grouped(parameters),
    grouped(macs),
    grouped(packedBytes),
    record.seconds.toFixed(1),
    isKept ? "kept" : "",
  ];
};

/** What came of a recipe, for people. */
export const reportText = ({ stages }: RecipeOutcome): string => {
  const number = (title: string) => ({ title, isNumber: true });
  const columns = [
    { title: "stage" },
    ...["accuracy", "params", "MACs", "packed B", "seconds"].map(number),
    { title: "" },
  ];
  return textTable(columns, stages.map(row));
};

/** The same as one object: accuracies in percent, sizes in bytes; null where a file does not tell. */
export const reportJson = (recipe: Recipe, { stages }: RecipeOutcome, seconds: number): object => ({
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
