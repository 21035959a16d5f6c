import { join } from "node:path";
import { commandWords } from "../../options/command-words.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { stageSchema } from "../stages/stage-kinds.js";
import { inputPath } from "./stage-parts.js";

/**
 * The command line that a stage is, without the leading `qprune`: it can be typed as well. A new training starts from
 * scratch whatever is there; one that resumes does so where there is a state.
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
