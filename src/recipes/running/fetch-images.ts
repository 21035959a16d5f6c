import type { WorkflowContext } from "../../workflows/context.js";
import { fetchDataSet } from "../../workflows/images/fetch-data-set.js";
import type { Recipe } from "../stages/stage.js";
import { stageData } from "../stages/stage-data.js";

/** Downloads the data sets of stages that ask for it with `download`, before anything is computed. */
export const fetchImages = async (
  recipe: Recipe,
  context: Omit<WorkflowContext, "now">,
): Promise<void> => {
  for (const stage of recipe.stages) {
    if (stage.options.download !== true) continue;
    const data = await stageData(stage, recipe);
    if (data) await fetchDataSet(data, context);
  }
};
