import { stat } from "node:fs/promises";
import { join } from "node:path";
import { option } from "../../base/option-reference.js";
import type { RecipeProblem } from "../recipe-problem.js";
import { type RecipeState, recordOf } from "../running/recipe-state.js";
import type { Recipe } from "../stages/stage.js";

/** Files in the recipe's folder that a stage would replace and that are none of its own. Trainings move them aside. */
export const checkFolder = async (
  { folder, stages }: Recipe,
  state: RecipeState,
): Promise<RecipeProblem[]> => {
  const problems: RecipeProblem[] = [];
  for (const { name, kind, outputs } of stages) {
    if (kind !== "export" || recordOf(state, name)) continue;
    const { file, where } = outputs[0];
    const path = join(folder, file);
    if (!(await stat(path).catch(() => undefined))) continue;
    const message = `${path} is there already, and this recipe has not made it.`;
    problems.push({
      where,
      message,
      hint: `Move it, or choose another folder with ${option("folder")}.`,
    });
  }
  return problems;
};
