import type { Setting } from "../parsed-recipe.js";
import { describeValue } from "../reading/describe-node.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageKind } from "../stages/stage-kind.js";
import { pathProblem } from "./path-problem.js";

/** Options that take paths, apart from those that name a stage's inputs and outputs. */
const PATH_OPTIONS = ["arch", "data", "log_dir"];

/** The paths in a setting, each with its location. */
const pathsOf = ({ value, valueLocation, itemLocations }: Setting) =>
  Array.isArray(value)
    ? value.map((item, index) => ({
        path: String(item),
        location: itemLocations?.[index] ?? valueLocation,
      }))
    : [{ path: String(value ?? ""), location: valueLocation }];

const wrongPaths = (setting: Setting, isList: boolean): RecipeProblem[] => {
  const { name, value, valueLocation } = setting;
  if (Array.isArray(value) && !isList) {
    const message = `${name}: found ${describeValue(value)}, expected one name, not a list.`;
    return [{ location: valueLocation, message }];
  }
  return pathsOf(setting).flatMap(({ path, location }) => {
    const problem = pathProblem(path);
    if (!problem) return [];
    const { found, expected, hint } = problem;
    return [{ location, message: `${name}: found ${found}, expected ${expected}.`, hint }];
  });
};

/** Problems of options whose values cannot be paths, by option key. */
export const checkPaths = (
  { inputs, outputs }: StageKind,
  settings: ReadonlyMap<string, Setting>,
): ReadonlyMap<string, readonly RecipeProblem[]> => {
  const keys = [...[...inputs, ...outputs].map(({ key }) => key), ...PATH_OPTIONS];
  const wrong = new Map<string, readonly RecipeProblem[]>();
  for (const key of keys) {
    const setting = settings.get(key);
    const isList = inputs.some((input) => input.key === key && input.isList);
    const problems = setting ? wrongPaths(setting, isList) : [];
    if (problems.length > 0) wrong.set(key, problems);
  }
  return wrong;
};
