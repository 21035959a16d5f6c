import { nearestHint } from "../../base/nearest-name.js";
import { meantOptions } from "../../options/names/option-synonyms.js";
import { collectOptions, type SharedSettings } from "../options/collect-options.js";
import { parseOptions } from "../options/parse-options.js";
import { optionTexts, rawOptions } from "../options/raw-options.js";
import type { ParsedStage, Setting } from "../parsed-recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import { nameOutputs } from "./name-outputs.js";
import type { Stage, StageDraft } from "./stage.js";
import { inputText, stageInputs } from "./stage-inputs.js";
import type { StageKind } from "./stage-kind.js";
import { isStageKindName, STAGE_KINDS, stageKindNames } from "./stage-kinds.js";

/** A stage with its options resolved; its inputs are still names. */
export interface ResolvedStage {
  /** Undefined if its kind is unknown. */
  readonly draft: StageDraft | undefined;
  /** Undefined if there are problems. */
  readonly stage: Stage | undefined;
  /** The shared settings that it uses. */
  readonly usedSettings: readonly Setting[];
  readonly problems: readonly RecipeProblem[];
}

/** Problems with required inputs that are missing. Inputs under a wrong name are reported by that name. */
const missingInputs = (
  { name, kind: kindName, location, settings: own }: ParsedStage,
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
): RecipeProblem[] =>
  kind.inputs
    .filter(({ key, isRequired }) => isRequired && !settings.has(key))
    .filter(({ key }) => !own.some((each) => meantOptions(each.name, [key]).length > 0))
    .map(({ key, isList }) => {
      const what = isList ? "nets" : "net";
      const reads = isList ? "read" : "start from";
      return {
        location,
        message: `${name} has no ${key}, the ${what} that ${kindName} stages ${reads}.`,
        hint: isList
          ? `Add ${key}: with a list of stage names or paths.`
          : `Add ${key}: with the name of another stage or the path of a file.`,
      };
    });

/** A draft as a stage, if its options are valid and it has an output. */
const completeStage = (draft: StageDraft): Stage | undefined => {
  const {
    options,
    outputs: [first, ...others],
  } = draft;
  return options && first && { ...draft, options, outputs: [first, ...others] };
};

const unknownKind = ({ kind, kindLocation: location }: ParsedStage): RecipeProblem => ({
  location,
  message: `unknown stage kind ${kind}.`,
  hint: nearestHint(kind, stageKindNames),
});

/** Resolves a stage's kind, command and options. */
export const resolveStage = (source: ParsedStage, shared: SharedSettings): ResolvedStage => {
  const { name, kind: kindName, location } = source;
  if (!isStageKindName(kindName)) {
    const problems = [unknownKind(source)];
    return { draft: undefined, stage: undefined, usedSettings: [], problems };
  }
  const kind: StageKind = STAGE_KINDS[kindName];
  const collected = collectOptions(source, kind, shared);
  const { command, settings, usedSettings } = collected;
  const inputs = stageInputs(kind.inputs, settings);
  const parsed = parseOptions(source, kind, collected, rawOptions(kind, settings, inputs));
  const named = nameOutputs(source, kind, settings, parsed);
  const files = new Set([...kind.inputs, ...kind.outputs].map(({ key }) => key));
  const texts = Object.entries({ ...optionTexts(settings), ...kind.fixed });
  const draft: StageDraft = {
    name,
    kind: kindName,
    command: command.name,
    location,
    valueLocations: Object.fromEntries(
      [...settings].map(([key, { valueLocation }]) => [key, valueLocation]),
    ),
    given: Object.fromEntries(
      texts.filter(([key]) => !files.has(key) && !parsed.wrongKeys.has(key)),
    ),
    options: parsed.options,
    inputs: inputs.filter((each) => !parsed.wrongKeys.has(each.key) && inputText(each) !== ""),
    outputs: named.outputs,
  };
  const problems = [
    ...collected.problems,
    ...missingInputs(source, kind, settings),
    ...parsed.problems,
    ...named.problems,
  ];
  const stage = problems.length > 0 ? undefined : completeStage(draft);
  return { draft, stage, usedSettings, problems };
};
