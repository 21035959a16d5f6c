import { QpruneError } from "../../base/errors.js";
import { loadSharp } from "../../data/image-folders/decoding/load-sharp.js";
import { loadVega } from "../../report/charts/load-vega.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { stageData } from "../stages/stage-data.js";
import type { Where } from "../where.js";

/** Where a recipe first needs a package, and that it cannot be had. */
const missingPackage = async (
  where: Where | undefined,
  load: () => Promise<unknown>,
): Promise<RecipeProblem[]> => {
  if (!where) return [];
  try {
    await load();
    return [];
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    const { message, hint } = error;
    return [{ where, message, hint }];
  }
};

/** The first page that a stage writes, with charts on it. */
const firstPage = ({ stages }: Recipe): Where | undefined =>
  stages.flatMap(({ outputs }) => outputs).find(({ key }) => key === "html")?.where;

const needsOwnImages = async (stage: Stage, recipe: Recipe): Promise<boolean> => {
  const data = await stageData(stage, recipe).catch((error) => {
    // A net that cannot be read is told where images are looked for.
    if (error instanceof QpruneError) return undefined;
    throw error;
  });
  return data?.name === "images" && data.isNeeded;
};

/** The first stage that computes with own images, which are decoded. */
const firstOwnImages = async (recipe: Recipe): Promise<Where | undefined> => {
  for (const stage of recipe.stages) {
    if (await needsOwnImages(stage, recipe)) return stage.places.data ?? stage.where;
  }
  return undefined;
};

/** Optional packages that stages need and that are not installed, each where it is needed first. */
export const checkPackages = async (recipe: Recipe): Promise<RecipeProblem[]> => [
  ...(await missingPackage(firstPage(recipe), loadVega)),
  ...(await missingPackage(await firstOwnImages(recipe), loadSharp)),
];
