import { stat } from "node:fs/promises";
import { join } from "node:path";
import { option } from "../../base/option-reference.js";
import type { RecipeProblem } from "../recipe-problem.js";
import { type RecipeState, recordOf } from "../running/recipe-state.js";
import type { Recipe } from "../stages/stage.js";

/**
 * Problems with files in the recipe's folder that an export would replace and that this recipe did not create.
 * Training stages move such files aside instead.
 */
export const checkFolder = async (
  { folder, stages }: Recipe,
  state: RecipeState,
): Promise<RecipeProblem[]> => {
  const problems: RecipeProblem[] = [];
  for (const { name, kind, outputs } of stages) {
    if (kind !== "export" || recordOf(state, name)) continue;
    const { file, location } = outputs[0];
    const path = join(folder, file);
    if (!(await stat(path).catch(() => undefined))) continue;
    const message = `${path} already exists, and this recipe did not create it.`;
    problems.push({
      location,
      message,
      hint: `Move it, or choose another folder with ${option("folder")}.`,
    });
  }
  return problems;
};
