import { foundValue } from "../reading/found-node.js";
import type { Setting } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageKind } from "../stages/stage-kind.js";
import { pathProblem } from "./path-problem.js";

/** Options that take paths beside those that name a stage's own files. */
const PATH_OPTIONS = ["arch", "data", "log_dir"];

/** What paths a setting names, and where. */
const pathsOf = ({ value, valueWhere, itemWheres }: Setting) =>
  Array.isArray(value)
    ? value.map((item, at) => ({ path: String(item), where: itemWheres?.[at] ?? valueWhere }))
    : [{ path: String(value ?? ""), where: valueWhere }];

const wrongPaths = (setting: Setting, isList: boolean): RecipeProblem[] => {
  const { name, value, valueWhere } = setting;
  if (Array.isArray(value) && !isList) {
    const message = `${name}: found ${foundValue(value)}, expected one name, not a list.`;
    return [{ where: valueWhere, message }];
  }
  return pathsOf(setting).flatMap(({ path, where }) => {
    const problem = pathProblem(path);
    if (!problem) return [];
    const { found, expected, hint } = problem;
    return [{ where, message: `${name}: found ${found}, expected ${expected}.`, hint }];
  });
};

/** Options whose values no file or folder can have as a path, by their keys. */
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
