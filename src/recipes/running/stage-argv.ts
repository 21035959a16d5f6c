import { join } from "node:path";
import { commandWords } from "../../options/names/command-words.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { stageSchema } from "../stages/stage-kinds.js";
import { inputPath } from "./stage-parts.js";

/**
 * The command line that does the same as a stage, without the leading `qprune`. Training starts from scratch even if
 * there is a training state, unless `resumes` is set.
 */
export const stageArgv = (
  stage: Stage,
  recipe: Recipe,
  { resumes = false, replaces = false } = {},
): string[] =>
  commandWords(stage.command, stageSchema(stage), [
    ...Object.entries(stage.given),
    ...stage.inputs.map((input) => [input.key, inputPath(input, recipe)] as const),
    ...stage.outputs.map(({ key, file }) => [key, join(recipe.folder, file)] as const),
    ...(resumes ? [["resume", "auto"] as const] : []),
    ...(replaces ? [["force", true] as const] : []),
  ]);
