import { basename, extname, join } from "node:path";
import { checkInputFiles } from "./checks/check-input-files.js";
import { checkOutputs } from "./checks/check-outputs.js";
import { checkReferences } from "./checks/check-references.js";
import { checkSettings } from "./options/check-settings.js";
import type { ParsedRecipe, Setting } from "./parsed-recipe.js";
import { type RecipeProblem, refuseProblems } from "./recipe-problem.js";
import { orderStages } from "./stages/order-stages.js";
import { resolveStage } from "./stages/resolve-stage.js";
import type { Recipe, StageDraft } from "./stages/stage.js";

const linksOf = ({ name, inputs }: StageDraft) => ({
  name,
  dependsOn: inputs.flatMap(({ from, location }) =>
    from.kind === "stage" ? [{ stage: from.stage, location }] : [],
  ),
});

/** Where a recipe's files go if neither it nor the caller names a folder. */
const defaultFolder = (path: string): string =>
  join("models_save", basename(path, extname(path)) || "recipe");

export interface RecipeFlags {
  readonly folder: string | undefined;
  /** Settings as the command line takes them: `[STAGE.]OPTION=VALUE`. */
  readonly sets: readonly string[];
}

const SETTING = /^(?:(?<stage>[A-Za-z0-9_-]+)\.)?(?<name>[A-Za-z0-9_-]+)=(?<value>.*)$/s;

/** Parses `[STAGE.]OPTION=VALUE`. */
const readSetting = (typed: string): { set?: Setting; problem?: RecipeProblem } => {
  const { stage, name, value } = SETTING.exec(typed)?.groups ?? {};
  const location = { kind: "flag", text: `--set ${typed}` } as const;
  if (name === undefined || value === undefined) {
    const message = "expected an option and its value, as in epochs=1.";
    const hint = "STAGE.OPTION=VALUE sets the option of one stage.";
    return { problem: { location, message, hint } };
  }
  const isBoolean = value === "true" || value === "false";
  const plain = isBoolean ? value === "true" : value;
  return { set: { name, stage, value: plain, location, valueLocation: location } };
};

/**
 * Resolves the stages of a parsed recipe and puts them in order.
 * @throws QpruneError (usage) that lists every problem with its location: what could not be read, unknown kinds and
 *   options, invalid values, references and cycles, files that two stages write, and missing files.
 */
export const makeRecipe = async (parsed: ParsedRecipe, flags: RecipeFlags): Promise<Recipe> => {
  const { path, about, names } = parsed;
  const folder = flags.folder ?? parsed.folder ?? defaultFolder(path);
  const settings = flags.sets.map(readSetting);
  const shared = { defaults: parsed.defaults, sets: settings.flatMap(({ set }) => set ?? []) };
  const resolved = parsed.stages.map((stage) => resolveStage(stage, shared));
  const drafts = resolved.flatMap(({ draft }) => draft ?? []);
  const order = orderStages(drafts.map(linksOf));
  refuseProblems(path, [
    ...settings.flatMap(({ problem }) => problem ?? []),
    ...parsed.problems,
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
