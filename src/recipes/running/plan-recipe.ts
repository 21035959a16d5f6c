import type { Recipe, Stage } from "../stages/stage.js";
import { type Decision, decideStage } from "./decide-stage.js";
import { type RecipeState, recordOf, type StageRecord } from "./recipe-state.js";
import { changesOf, decidingOptions } from "./stage-key.js";
import { type DataDigests, stageParts } from "./stage-parts.js";

/** A stage and what would happen to it. */
export interface PlannedStage {
  readonly stage: Stage;
  readonly decision: Decision;
}

/** The decision for a stage whose inputs may still change. */
const decideLater = (
  stage: Stage,
  record: StageRecord | undefined,
  changing: readonly string[],
): Decision => {
  if (!record) return { action: "run", why: "has not run yet" };
  const { command } = stage;
  const own = { ...record.parts, command, options: decidingOptions(stage) };
  const changes = changesOf(record.parts, own);
  if (changes.length > 0) return { action: "run", why: changes.join("; ") };
  return {
    action: "wait",
    why: `only if the output of ${[...new Set(changing)].join(" or ")} changes`,
  };
};

/**
 * What a run would do. Stages that depend on stages which run have to wait for them: they run only if their inputs
 * turn out different than before.
 */
export const planRecipe = async (
  recipe: Recipe,
  state: RecipeState,
  dataDigest: DataDigests,
): Promise<PlannedStage[]> => {
  const planned: PlannedStage[] = [];
  const kept = new Set<string>();
  for (const stage of recipe.stages) {
    const changing = stage.inputs.flatMap(({ from }) =>
      from.kind === "stage" && !kept.has(from.stage) ? [from.stage] : [],
    );
    const decision =
      changing.length > 0
        ? decideLater(stage, recordOf(state, stage.name), changing)
        : await decideStage(
            stage,
            recipe.folder,
            await stageParts(stage, recipe, dataDigest),
            recordOf(state, stage.name),
          );
    if (decision.action === "keep") kept.add(stage.name);
    planned.push({ stage, decision });
  }
  return planned;
};
