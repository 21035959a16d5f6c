import type { Recipe } from "../../recipes/stages/stage.js";
import { stageData } from "../../recipes/stages/stage-data.js";
import type { CommandContext } from "../command.js";
import { fetchDataSet } from "../../workflows/images/fetch-data-set.js";

/** Fetches the data sets of stages that ask for it with `download`, before anything is computed. */
export const fetchImages = async (recipe: Recipe, context: CommandContext): Promise<void> => {
  for (const stage of recipe.stages) {
    if (stage.options.download !== true) continue;
    const data = await stageData(stage, recipe);
    if (data) await fetchDataSet(data, context);
  }
};
