import { nearestHint } from "../../base/nearest-name.js";
import type { Setting } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { ResolvedStage } from "../stages/resolve-stage.js";
import type { SharedSettings } from "./collect-options.js";
import { optionHint } from "./option-hint.js";
import { everyOptionName, forStages, kindsWith } from "./option-kinds.js";

const unknownStage = (
  { where, stage }: Setting,
  stages: readonly string[],
): RecipeProblem | undefined => {
  if (stage === undefined || stages.includes(stage)) return undefined;
  return { where, message: `there is no stage ${stage}.`, hint: nearestHint(stage, stages) };
};

/** Options for all stages that none of them has, and those for a stage that is not there. */
export const checkSettings = (
  { defaults, sets }: SharedSettings,
  resolved: readonly ResolvedStage[],
  /** Also of stages that cannot be read. */
  stages: readonly string[],
): RecipeProblem[] => {
  const taken = new Set(resolved.flatMap((each) => each.taken));
  // A stage that is wrong as a whole might take any option.
  const isWhole =
    stages.length > 0 && resolved.filter(({ draft }) => draft).length === stages.length;
  const names = everyOptionName();
  const forAll = [...defaults, ...sets].filter(({ stage }) => stage === undefined);
  const untaken = forAll.flatMap((setting): RecipeProblem[] => {
    const { name, where } = setting;
    const kinds = kindsWith(name);
    if (taken.has(setting) || (kinds.length > 0 && !isWhole)) return [];
    const message = `no stage takes the option ${name} from here.`;
    const isHere = resolved.some(({ draft }) => draft && kinds.includes(draft.kind));
    const whose = isHere ? "Give it to one stage." : forStages(kinds);
    const hint = kinds.length > 0 ? whose : optionHint(name, names);
    return [{ where, message, hint }];
  });
  const unknown = stages.length > 0 ? sets.flatMap((set) => unknownStage(set, stages) ?? []) : [];
  return [...unknown, ...untaken];
};
