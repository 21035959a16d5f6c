import { QpruneError } from "../../base/errors.js";
import { isOwnImages } from "../../data/data-set.js";
import { loadSharp } from "../../data/image-folders/decoding/load-sharp.js";
import { loadVega } from "../../report/charts/load-vega.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { SourceLocation } from "../source-location.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { stageData } from "../stages/stage-data.js";

/** A problem at the given location if the package cannot be loaded. */
const missingPackage = async (
  location: SourceLocation | undefined,
  load: () => Promise<unknown>,
): Promise<RecipeProblem[]> => {
  if (!location) return [];
  try {
    await load();
    return [];
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    const { message, hint } = error;
    return [{ location, message, hint }];
  }
};

/** The first stage option that asks for an HTML page, whose charts need a package. */
const firstPage = ({ stages }: Recipe): SourceLocation | undefined =>
  stages.flatMap(({ outputs }) => outputs).find(({ key }) => key === "html")?.location;

const needsImageFolders = async (stage: Stage, recipe: Recipe): Promise<boolean> => {
  const data = await stageData(stage, recipe).catch((error) => {
    // checkData reports files that cannot be read.
    if (error instanceof QpruneError) return undefined;
    throw error;
  });
  return data !== undefined && isOwnImages(data.name) && data.isNeeded;
};

/** The first stage that reads image folders, whose images need a decoder. */
const firstImageFolders = async (recipe: Recipe): Promise<SourceLocation | undefined> => {
  for (const stage of recipe.stages) {
    if (await needsImageFolders(stage, recipe)) return stage.valueLocations.data ?? stage.location;
  }
  return undefined;
};

/** Optional packages that stages need but that are not installed, each where it is first needed. */
export const checkPackages = async (recipe: Recipe): Promise<RecipeProblem[]> => [
  ...(await missingPackage(firstPage(recipe), loadVega)),
  ...(await missingPackage(await firstImageFolders(recipe), loadSharp)),
];
