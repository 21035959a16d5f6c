import { stat } from "node:fs/promises";
import { optionFiles } from "./option-files.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { StageDraft } from "./stage.js";

/** Files that stages read, which are not there. */
export const checkInputFiles = async (
  stages: readonly StageDraft[],
  /** Some may look like paths, which is told elsewhere. */
  names: readonly string[],
): Promise<RecipeProblem[]> => {
  const problems: RecipeProblem[] = [];
  for (const stage of stages) {
    for (const { path, where } of optionFiles(stage)) {
      if (names.includes(path)) continue;
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) continue;
      const message = found
        ? `${path} is ${found.isDirectory() ? "a folder" : "no plain file"}.`
        : `there is no file ${path}.`;
      const hint = "Paths start from the folder that qprune is called in.";
      problems.push({ where, message, hint });
    }
  }
  return problems;
};
