import { QpruneError } from "../core/errors.js";
import { loadVega } from "../report/charts/load-vega.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { Recipe } from "./stage.js";

/** The first page that a stage writes, where the packages that draw its charts are not installed. */
export const checkCharts = async ({ stages }: Recipe): Promise<RecipeProblem[]> => {
  const page = stages.flatMap(({ outputs }) => outputs).find(({ key }) => key === "html");
  if (!page) return [];
  try {
    await loadVega();
    return [];
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    const { message, hint } = error;
    return [{ where: page.where, message, hint }];
  }
};
