import { collectOptions, type SharedSettings } from "./collect-options.js";
import { nameOutputs } from "./name-outputs.js";
import { nearestHint } from "./nearest-name.js";
import { optionText } from "./option-text.js";
import { fileNames, parseOptions } from "./parse-options.js";
import type { Setting, WrittenStage } from "./recipe.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { Stage, StageInput } from "./stage.js";
import type { StageKind } from "./stage-kind.js";
import { isStageKindName, STAGE_KINDS, stageKindNames } from "./stage-kinds.js";
import type { Where } from "./where.js";

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
    .map(({ key }) => ({
      where,
      message: `${name} has no ${key}, the net that a stage of the kind ${kindName} starts from.`,
      hint: `Add ${key}: and the name of another stage, or a file.`,
    }));

/** A stage's name has neither dot nor slash, and a file's path has one. */
const inputOf = (key: string, text: string, where: Where): StageInput => {
  const isPath = /[./\\]/.test(text);
  return {
    key,
    where,
    from: isPath ? { kind: "file", path: text } : { kind: "stage", stage: text },
  };
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
  const { options, problems } = parseOptions(written, kind, collected);
  const named = nameOutputs(written, kind, settings, options ?? {});
  const inputs = kind.inputs.flatMap((input) => {
    const setting = settings.get(input.key);
    if (!setting) return [];
    const names = fileNames(input, setting);
    return names.map((name) => inputOf(input.key, name, setting.valueWhere));
  });
  const found = [
    ...collected.problems,
    ...missingInputs(written, kind, settings),
    ...problems,
    ...named.problems,
  ];
  const files = new Set([...kind.inputs, ...kind.outputs].map(({ key }) => key));
  const texts = [...settings].filter(([key]) => !files.has(key));
  const given = {
    ...Object.fromEntries(texts.map(([key, { value }]) => [key, optionText(value)])),
    ...kind.fixed,
  };
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
