import { collectOptions, type SharedSettings } from "./collect-options.js";
import { nameOutputs } from "./name-outputs.js";
import { nearestHint } from "./nearest-name.js";
import { optionText } from "./option-text.js";
import { parseOptions } from "./parse-options.js";
import type { Setting, WrittenStage } from "./recipe.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { Stage, StageInput } from "./stage.js";
import { inputText, stageInputs } from "./stage-inputs.js";
import type { StageKind } from "./stage-kind.js";
import { isStageKindName, STAGE_KINDS, stageKindNames } from "./stage-kinds.js";

/** A stage whose options are looked up; its inputs are still names. */
export interface ResolvedStage {
  /** Undefined where there are problems. */
  readonly stage: Stage | undefined;
  readonly taken: readonly Setting[];
  readonly problems: readonly RecipeProblem[];
}

const missingInputs = (
  { name, kind: kindName, where }: WrittenStage,
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
): RecipeProblem[] =>
  kind.inputs
    .filter(({ key, isRequired }) => isRequired && !settings.has(key))
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

/** The lists of files as a command's schema takes them. */
const fileLists = (
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
  inputs: readonly StageInput[],
): Record<string, string[]> => {
  const lists = kind.inputs.filter(({ key, isList }) => isList && settings.has(key));
  return Object.fromEntries(
    lists.map(({ key }) => [key, inputs.filter((input) => input.key === key).map(inputText)]),
  );
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
    return {
      stage: undefined,
      taken: [...shared.defaults, ...shared.sets],
      problems: [unknownKind(written)],
    };
  }
  const kind: StageKind = STAGE_KINDS[kindName];
  const collected = collectOptions(written, kind, shared);
  const { command, settings, taken } = collected;
  const texts = [...settings].map(([key, { value }]) => [key, optionText(value)] as const);
  const raw = { ...Object.fromEntries(texts), ...kind.fixed };
  const inputs = stageInputs(kind.inputs, settings);
  const lists = fileLists(kind, settings, inputs);
  const { options, problems } = parseOptions(written, kind, collected, { ...raw, ...lists });
  const named = nameOutputs(written, kind, settings, options ?? {});
  const found = [
    ...collected.problems,
    ...missingInputs(written, kind, settings),
    ...problems,
    ...named.problems,
  ];
  const files = new Set([...kind.inputs, ...kind.outputs].map(({ key }) => key));
  const given = Object.fromEntries(Object.entries(raw).filter(([key]) => !files.has(key)));
  const [first, ...others] = named.outputs;
  if (found.length > 0 || !options || !first) return { stage: undefined, taken, problems: found };
  const stage: Stage = {
    name,
    kind: kindName,
    command: command.name,
    where,
    given,
    options,
    inputs,
    outputs: [first, ...others],
  };
  return { stage, taken, problems: [] };
};
