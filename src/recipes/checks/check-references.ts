import { nearestHint } from "../../base/nearest-name.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageDraft, StageInput } from "../stages/stage.js";
import type { NetForm, StageKind } from "../stages/stage-kind.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";

const IN_WORDS: Readonly<Record<NetForm, string>> = {
  trainable: "a net that can be trained",
  merged: "a merged net",
  exported: "an exported net",
  tfjs: "a folder for TensorFlow.js",
  comparison: "a comparison",
};

const INSTEAD: Readonly<Record<NetForm, string>> = {
  trainable: "Name another stage.",
  merged: "Name the stage that trained it.",
  exported: "Name the stage that trained it.",
  tfjs: "Name the stage that it was made of.",
  comparison: "Name a stage that makes a net.",
};

const unknownStage = (name: string, { where }: StageInput, names: readonly string[]) => ({
  where,
  message: `there is no stage ${name}.`,
  hint: `${nearestHint(name, names)} A file's path has a dot or a slash in it.`,
});

/** Files of stages that a stage cannot take. */
const wrongForm = (stage: StageDraft, input: StageInput, source: StageDraft): RecipeProblem[] => {
  const kind: StageKind = STAGE_KINDS[stage.kind];
  const form = STAGE_KINDS[source.kind].makes(source.options ?? {});
  const option = kind.inputs.find(({ key }) => key === input.key);
  if (option?.takes.includes(form)) return [];
  const cannot = option?.isList ? "cannot read" : "cannot start from";
  const message = `${source.name} makes ${IN_WORDS[form]}, which ${stage.name} ${cannot}.`;
  return [{ where: input.where, message, hint: INSTEAD[form] }];
};

/** References to stages that are not there, and to stages whose files are of another form. */
export const checkReferences = (
  stages: readonly StageDraft[],
  /** Also of stages that cannot be read. */
  names: readonly string[],
): RecipeProblem[] => {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  return stages.flatMap((stage) =>
    stage.inputs.flatMap((input): RecipeProblem[] => {
      if (input.from.kind === "file") return [];
      if (!names.includes(input.from.stage)) return [unknownStage(input.from.stage, input, names)];
      const source = byName.get(input.from.stage);
      return source && source !== stage ? wrongForm(stage, input, source) : [];
    }),
  );
};
