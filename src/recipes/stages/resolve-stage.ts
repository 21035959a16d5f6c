import { nearestHint } from "../../base/nearest-name.js";
import { meantOptions } from "../../options/option-synonyms.js";
import { collectOptions, type SharedSettings } from "../options/collect-options.js";
import { parseOptions } from "../options/parse-options.js";
import { optionTexts, rawOptions } from "../options/raw-options.js";
import type { Setting, WrittenStage } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import { nameOutputs } from "./name-outputs.js";
import type { Stage, StageDraft } from "./stage.js";
import { inputText, stageInputs } from "./stage-inputs.js";
import type { StageKind } from "./stage-kind.js";
import { isStageKindName, STAGE_KINDS, stageKindNames } from "./stage-kinds.js";

/** A stage whose options are looked up; its inputs are still names. */
export interface ResolvedStage {
  /** Undefined where its kind is unknown. */
  readonly draft: StageDraft | undefined;
  /** Undefined where there are problems. */
  readonly stage: Stage | undefined;
  readonly taken: readonly Setting[];
  readonly problems: readonly RecipeProblem[];
}

/** Inputs that a stage needs and has not; those that it has by a wrong name are told by that. */
const missingInputs = (
  { name, kind: kindName, where, settings: own }: WrittenStage,
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
): RecipeProblem[] =>
  kind.inputs
    .filter(({ key, isRequired }) => isRequired && !settings.has(key))
    .filter(({ key }) => !own.some((each) => meantOptions(each.name, [key]).length > 0))
    .map(({ key, isList }) => {
      const what = isList ? "nets" : "net";
      const reads = isList ? "reads" : "starts from";
      return {
        where,
        message: `${name} has no ${key}, the ${what} that a stage of the kind ${kindName} ${reads}.`,
        hint: isList
          ? `Add ${key}: and a list of other stages' names, or of files.`
          : `Add ${key}: and the name of another stage, or a file.`,
      };
    });

/** A draft of which nothing is wrong. */
const soundStage = (draft: StageDraft): Stage | undefined => {
  const {
    options,
    outputs: [first, ...others],
  } = draft;
  return options && first && { ...draft, options, outputs: [first, ...others] };
};

const unknownKind = ({ kind, kindWhere: where }: WrittenStage): RecipeProblem => ({
  where,
  message: `there is no stage of the kind ${kind}.`,
  hint: nearestHint(kind, stageKindNames),
});

/** Looks a stage's kind, command and options up. */
export const resolveStage = (written: WrittenStage, shared: SharedSettings): ResolvedStage => {
  const { name, kind: kindName, where } = written;
  if (!isStageKindName(kindName)) {
    return { draft: undefined, stage: undefined, taken: [], problems: [unknownKind(written)] };
  }
  const kind: StageKind = STAGE_KINDS[kindName];
  const collected = collectOptions(written, kind, shared);
  const { command, settings, taken } = collected;
  const inputs = stageInputs(kind.inputs, settings);
  const parsed = parseOptions(written, kind, collected, rawOptions(kind, settings, inputs));
  const named = nameOutputs(written, kind, settings, parsed);
  const files = new Set([...kind.inputs, ...kind.outputs].map(({ key }) => key));
  const texts = Object.entries({ ...optionTexts(settings), ...kind.fixed });
  const draft: StageDraft = {
    name,
    kind: kindName,
    command: command.name,
    where,
    places: Object.fromEntries([...settings].map(([key, { valueWhere }]) => [key, valueWhere])),
    given: Object.fromEntries(
      texts.filter(([key]) => !files.has(key) && !parsed.wrongKeys.has(key)),
    ),
    options: parsed.options,
    inputs: inputs.filter((each) => !parsed.wrongKeys.has(each.key) && inputText(each) !== ""),
    outputs: named.outputs,
  };
  const problems = [
    ...collected.problems,
    ...missingInputs(written, kind, settings),
    ...parsed.problems,
    ...named.problems,
  ];
  return { draft, stage: problems.length > 0 ? undefined : soundStage(draft), taken, problems };
};
