import { nearestHint } from "../../base/nearest-name.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageDraft, StageInput } from "../stages/stage.js";
import type { NetForm, StageKind } from "../stages/stage-kind.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";

const FORM_NAMES: Readonly<Record<NetForm, string>> = {
  trainable: "a trainable net",
  merged: "a merged net",
  calibrated: "a quantized net",
  exported: "an exported net",
  tfjs: "a TensorFlow.js folder",
  tflite: "a .tflite file",
  onnx: "an ONNX model",
  sensitivities: "sensitivities",
  comparison: "a comparison",
};

const FORM_HINTS: Readonly<Record<NetForm, string>> = {
  trainable: "Name another stage.",
  merged: "Name the stage that trained it.",
  calibrated: "Name the stage that trained it.",
  exported: "Name the stage that trained it.",
  tfjs: "Name the stage that it exports.",
  tflite: "Name the stage that it exports.",
  onnx: "Name the stage that it exports.",
  sensitivities: "Name the stage whose net was measured.",
  comparison: "Name a stage that produces a net.",
};

const unknownStage = (name: string, { location }: StageInput, names: readonly string[]) => ({
  location,
  message: `there is no stage ${name}.`,
  hint: `${nearestHint(name, names)} Paths of files must contain a dot or a slash.`,
});

/** A problem if a stage cannot read what another stage produces. */
const wrongForm = (stage: StageDraft, input: StageInput, source: StageDraft): RecipeProblem[] => {
  const kind: StageKind = STAGE_KINDS[stage.kind];
  const form = STAGE_KINDS[source.kind].makes(source.options ?? {});
  const option = kind.inputs.find(({ key }) => key === input.key);
  if (option?.takes.includes(form)) return [];
  const cannot = option?.isList ? "cannot read" : "cannot start from";
  const message = `${source.name} produces ${FORM_NAMES[form]}, which ${stage.name} ${cannot}.`;
  return [{ location: input.location, message, hint: FORM_HINTS[form] }];
};

/** Problems with references: unknown stages, and stages whose output has the wrong form. */
export const checkReferences = (
  stages: readonly StageDraft[],
  /** Includes stages that cannot be read. */
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
