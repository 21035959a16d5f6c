import { nearestHint } from "../../base/nearest-name.js";
import type { Setting } from "../parsed-recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { ResolvedStage } from "../stages/resolve-stage.js";
import type { SharedSettings } from "./collect-options.js";
import { optionHint } from "./option-hint.js";
import { everyOptionName, forStages, kindsWith } from "./option-kinds.js";

const unknownStage = (
  { location, stage }: Setting,
  stages: readonly string[],
): RecipeProblem | undefined => {
  if (stage === undefined || stages.includes(stage)) return undefined;
  return { location, message: `there is no stage ${stage}.`, hint: nearestHint(stage, stages) };
};

/** Problems with shared settings: options that no stage has, and settings for unknown stages. */
export const checkSettings = (
  { defaults, sets }: SharedSettings,
  resolved: readonly ResolvedStage[],
  /** Includes stages that cannot be read. */
  stages: readonly string[],
): RecipeProblem[] => {
  const used = new Set(resolved.flatMap((each) => each.usedSettings));
  // A stage that could not be resolved might have any option.
  const isComplete =
    stages.length > 0 && resolved.filter(({ draft }) => draft).length === stages.length;
  const names = everyOptionName();
  const forAll = [...defaults, ...sets].filter(({ stage }) => stage === undefined);
  const unused = forAll.flatMap((setting): RecipeProblem[] => {
    const { name, location } = setting;
    const kinds = kindsWith(name);
    if (used.has(setting) || (kinds.length > 0 && !isComplete)) return [];
    const message = `the shared option ${name} applies to no stage.`;
    const isPerStage = resolved.some(({ draft }) => draft && kinds.includes(draft.kind));
    const kindsHint = isPerStage ? "Set it in a single stage." : forStages(kinds);
    const hint = kinds.length > 0 ? kindsHint : optionHint(name, names);
    return [{ location, message, hint }];
  });
  const unknown = stages.length > 0 ? sets.flatMap((set) => unknownStage(set, stages) ?? []) : [];
  return [...unknown, ...unused];
};
