import { basename, extname, join } from "node:path";
import { keysByName } from "../config/option-names.js";
import { checkInputFiles } from "./check-input-files.js";
import { checkOutputs } from "./check-outputs.js";
import { checkReferences } from "./check-references.js";
import type { SharedSettings } from "./collect-options.js";
import { nearestHint } from "./nearest-name.js";
import { orderStages } from "./order-stages.js";
import type { Setting, WrittenRecipe } from "./recipe.js";
import { type RecipeProblem, refuseProblems } from "./recipe-problem.js";
import { type ResolvedStage, resolveStage } from "./resolve-stage.js";
import type { Recipe, Stage } from "./stage.js";
import { STAGE_KINDS } from "./stage-kinds.js";

/** Options for all stages that none of them has, and those for a stage that is not there. */
const unusedSettings = (
  { defaults, sets }: SharedSettings,
  resolved: readonly ResolvedStage[],
  stages: readonly string[],
): RecipeProblem[] => {
  const taken = new Set(resolved.flatMap((each) => each.taken));
  const kinds = Object.values(STAGE_KINDS).flatMap(({ commands }) => [...commands]);
  const names = [...new Set(kinds.flatMap(({ schema }) => [...keysByName(schema).keys()]))];
  const problems: RecipeProblem[] = [];
  for (const { where, stage } of [...defaults, ...sets]) {
    if (stage !== undefined && !stages.includes(stage)) {
      const message = `there is no stage ${stage}.`;
      problems.push({ where, message, hint: nearestHint(stage, stages) });
    }
  }
  for (const setting of [...defaults, ...sets].filter(({ stage }) => stage === undefined)) {
    if (taken.has(setting)) continue;
    const { name, where } = setting;
    const message = `no stage takes the option ${name} from here.`;
    const nearest = names.includes(name) ? "Give it to one stage." : nearestHint(name, names, "");
    problems.push({ where, message, hint: nearest || undefined });
  }
  return problems;
};

const linksOf = ({ name, inputs }: Stage) => ({
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
  readonly sets: readonly Setting[];
}

/**
 * Looks up everything that a recipe says, and puts its stages in order.
 * @throws QpruneError (usage) naming, each with its place, what is wrong: kinds, options, values, references,
 *   cycles, files that two stages write, files that are not there.
 */
export const makeRecipe = async (
  written: WrittenRecipe,
  { folder, sets }: RecipeFlags,
): Promise<Recipe> => {
  const shared = { defaults: written.defaults, sets };
  const resolved = written.stages.map((stage) => resolveStage(stage, shared));
  const stages = resolved.flatMap(({ stage }) => stage ?? []);
  const names = written.stages.map(({ name }) => name);
  const order = orderStages(stages.map(linksOf));
  refuseProblems(written.path, [
    ...resolved.flatMap(({ problems }) => problems),
    ...unusedSettings(shared, resolved, names),
    ...checkReferences(stages, names),
    ...order.problems,
    ...checkOutputs(stages),
    ...(await checkInputFiles(stages)),
  ]);
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  return {
    path: written.path,
    about: written.about,
    folder: folder ?? written.folder ?? usualFolder(written.path),
    stages: order.names.flatMap((name) => byName.get(name) ?? []),
  };
};
