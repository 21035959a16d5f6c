import { QpruneError } from "../../base/errors.js";
import { isOwnImages } from "../../data/data-set.js";
import { dataSetDigest } from "../../data/data-set-digest.js";
import { loadDataSet } from "../../data/load-data-set.js";
import { plainProblem } from "../options/plain-problem.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { stageData } from "../stages/stage-data.js";

const limitOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

/** Reads the images of a stage as its command will, each set once, and throws the same errors. */
const readImages = async (stage: Stage, recipe: Recipe, seen: Set<string>): Promise<void> => {
  const data = await stageData(stage, recipe);
  if (!data?.isNeeded) return;
  const { name, directory, parts } = data;
  const { train_limit: trainLimit, test_limit: testLimit, download } = stage.options;
  const limits = { trainLimit: limitOf(trainLimit), testLimit: limitOf(testLimit) };
  const id = JSON.stringify([name, directory, parts, limits, download]);
  if (seen.has(id)) return;
  seen.add(id);
  // Image folders are only listed: decoding takes long, and a few damaged images are allowed.
  const read = isOwnImages(name)
    ? dataSetDigest({ name, directory, parts })
    : loadDataSet({ name, directory, parts, ...limits });
  await read.catch((error) => {
    const isMissing = error instanceof QpruneError && error.kind === "usage";
    if (!(download === true && isMissing)) throw error;
  });
};

/**
 * Problems with images that stages need: missing or damaged. Missing images that a run will download are none. Each
 * data set is reported once.
 */
export const checkData = async (
  recipe: Recipe,
  /** Problems with model files, which also record their data set; they are not reported again. */
  netProblems: readonly RecipeProblem[],
): Promise<RecipeProblem[]> => {
  const reported = new Set(netProblems.map(({ message }) => message));
  const seen = new Set<string>();
  const problems = new Map<string, RecipeProblem>();
  for (const stage of recipe.stages) {
    try {
      await readImages(stage, recipe, seen);
    } catch (error) {
      if (!(error instanceof QpruneError)) throw error;
      const location = stage.valueLocations.data ?? stage.location;
      const problem = { location, ...plainProblem(error) };
      const isKnown = reported.has(problem.message) || problems.has(problem.message);
      if (!isKnown) problems.set(problem.message, problem);
    }
  }
  return [...problems.values()];
};
