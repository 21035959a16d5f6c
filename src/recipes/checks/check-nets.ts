import { QpruneError } from "../../base/errors.js";
import { openNetFile } from "../../checkpoint/net-files/open-net-file.js";
import { readSensitivity } from "../../workflows/sensitivity/read-sensitivity.js";
import { plainProblem } from "../options/plain-problem.js";
import type { RecipeProblem } from "../recipe-problem.js";
import { optionFiles } from "../stages/option-files.js";
import type { Recipe } from "../stages/stage.js";
import { SENSITIVITY } from "../stages/stage-kinds.js";

/** Problems with model files that stages read: other formats and damaged files, each reported once. */
export const checkNets = async (
  { stages }: Recipe,
  /** Reads the description of a custom architecture. */
  readArch: (path: string) => Promise<unknown>,
): Promise<RecipeProblem[]> => {
  const checked = new Set<string>();
  const problems: RecipeProblem[] = [];
  for (const { key, path, location, dict } of stages.flatMap(optionFiles)) {
    const id = `${path}\0${dict ?? ""}`;
    if (checked.has(id)) continue;
    checked.add(id);
    try {
      if (key === "arch") await readArch(path);
      else if (key === SENSITIVITY) await readSensitivity(path);
      else await openNetFile(path, { key: dict });
    } catch (error) {
      if (!(error instanceof QpruneError)) throw error;
      problems.push({ location, ...plainProblem(error) });
    }
  }
  return problems;
};
