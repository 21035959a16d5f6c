import { basename, extname, join } from "node:path";
import { checkInputFiles } from "./checks/check-input-files.js";
import { checkOutputs } from "./checks/check-outputs.js";
import { checkReferences } from "./checks/check-references.js";
import { checkSettings } from "./options/check-settings.js";
import { readSetting } from "./reading/read-setting.js";
import type { WrittenRecipe } from "./recipe.js";
import { refuseProblems } from "./recipe-problem.js";
import { orderStages } from "./stages/order-stages.js";
import { resolveStage } from "./stages/resolve-stage.js";
import type { Recipe, StageDraft } from "./stages/stage.js";

const linksOf = ({ name, inputs }: StageDraft) => ({
  name,
  takesFrom: inputs.flatMap(({ from, where }) =>
    from.kind === "stage" ? [{ stage: from.stage, where }] : [],
  ),
});

/** Where a recipe's files go if neither it nor a flag says so: a folder of its name. */
const usualFolder = (path: string): string =>
  join("models_save", basename(path, extname(path)) || "recipe");

export interface RecipeFlags {
  readonly folder: string | undefined;
  /** As they were typed behind --set. */
  readonly sets: readonly string[];
}

/**
 * Looks up everything that a recipe says, and puts its stages in order.
 * @throws QpruneError (usage) naming, each with its place, all that is wrong: what could not be read, kinds,
 *   options, values, references, cycles, files that two stages write, files that are not there.
 */
export const makeRecipe = async (written: WrittenRecipe, flags: RecipeFlags): Promise<Recipe> => {
  const { path, about, names } = written;
  const folder = flags.folder ?? written.folder ?? usualFolder(path);
  const settings = flags.sets.map(readSetting);
  const shared = { defaults: written.defaults, sets: settings.flatMap(({ set }) => set ?? []) };
  const resolved = written.stages.map((stage) => resolveStage(stage, shared));
  const drafts = resolved.flatMap(({ draft }) => draft ?? []);
  const order = orderStages(drafts.map(linksOf));
  refuseProblems(path, [
    ...settings.flatMap(({ problem }) => problem ?? []),
    ...written.problems,
    ...resolved.flatMap(({ problems }) => problems),
    ...checkSettings(shared, resolved, names),
    ...checkReferences(drafts, names),
    ...order.problems,
    ...checkOutputs(drafts),
    ...(await checkInputFiles(drafts, { folder, names })),
  ]);
  const stages = resolved.flatMap(({ stage }) => stage ?? []);
  return {
    path,
    about,
    folder,
    stages: order.names.flatMap((name) => stages.find((stage) => stage.name === name) ?? []),
  };
};
