import { QpruneError } from "../../base/errors.js";
import { readStateFile } from "../../checkpoint/read-state-file.js";
import { plainProblem } from "../options/plain-options.js";
import type { RecipeProblem } from "../recipe-problem.js";
import { optionFiles } from "../stages/option-files.js";
import type { Recipe } from "../stages/stage.js";

/** Files that stages take nets from and that are none, or damaged; each is told of once. */
export const checkNets = async (
  { stages }: Recipe,
  /** Reads the description of a net. */
  readArch: (path: string) => Promise<unknown>,
): Promise<RecipeProblem[]> => {
  const seen = new Set<string>();
  const problems: RecipeProblem[] = [];
  for (const { key, path, where, dict } of stages.flatMap(optionFiles)) {
    const seenAs = `${path}\0${dict ?? ""}`;
    if (seen.has(seenAs)) continue;
    seen.add(seenAs);
    try {
      await (key === "arch" ? readArch(path) : readStateFile(path, { key: dict }));
    } catch (error) {
      if (!(error instanceof QpruneError)) throw error;
      problems.push({ where, ...plainProblem(error) });
    }
  }
  return problems;
};
