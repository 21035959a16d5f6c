import { QpruneError } from "../../../base/errors.js";
import { FUSED_FUNCTIONS } from "../../../formats/tflite/schema.js";
import { LOGITS } from "../../../graph/graph-draft.js";
import type {
  IntegerPlan,
  IntegerStep,
  JoinStep,
  MeanStep,
  PoolStep,
} from "../../../integer/integer-plan.js";
import { createInt8Draft, type Int8Draft, sidesOf } from "./int8-draft.js";
import { addClamp, withLimits } from "./limits.js";
import { lowerConv } from "./lower-conv.js";
import { addFloats, lowerTable } from "./lower-functions.js";
import { lowerMove } from "./lower-moves.js";
import { paddingToReach, padInput, SAME } from "./pad-maps.js";

const OPERATORS = { add: "ADD", multiply: "MUL" } as const;

const lowerJoin = (draft: Int8Draft, { kind, inputs, outputs }: JoinStep): void => {
  if (inputs.length > 2)
    throw new QpruneError(`A sum of ${inputs.length} values has no operator in LiteRT.`, {
      hint: "Export to onnx.",
    });
  const from = inputs.map(({ name }) => draft.indexOf(name));
  for (const output of outputs)
    withLimits(draft, output, (to, fused) =>
      draft.add({
        op: OPERATORS[kind],
        inputs: from,
        outputs: [to],
        options: { fused },
        version: 2,
      }),
    );
};

/** Adds a pool. Means over padding and over windows that reach beyond the maps count other codes than LiteRT's, except for zeros. */
const lowerPool = (draft: Int8Draft, step: PoolStep): void => {
  const { kind, input, output, kernel, stride, countsPadding } = step;
  const isMean = kind === "averagePool";
  const padding = paddingToReach(input, output, step);
  const padded = padInput(
    draft,
    input,
    { kernel, stride, padding },
    {
      name: output.name,
      ...(!isMean && { code: input.grid.least }),
      ...(isMean && countsPadding && { isExplicit: true }),
    },
  );
  const isPadded = padding.some((side) => side > 0);
  const isBeyond = padding.some((side, at) => side !== step.padding[at]);
  if (isMean && isPadded && (countsPadding ? isBeyond : padded.padding !== SAME))
    throw new QpruneError(
      `${output.name} is a mean over padded maps, which LiteRT does not have.`,
      {
        hint: "Export to onnx.",
      },
    );
  draft.add({
    op: isMean ? "AVERAGE_POOL_2D" : "MAX_POOL_2D",
    inputs: [padded.index],
    outputs: [draft.value(output)],
    options: {
      padding: padded.padding,
      rows: kernel[0],
      columns: kernel[1],
      strideRows: stride[0],
      strideColumns: stride[1],
      fused: FUSED_FUNCTIONS.indexOf("none"),
    },
    version: 2,
  });
};

const MAP_AXES = [1, 2];

const lowerMean = (draft: Int8Draft, step: MeanStep): void => {
  const { name, input, outputs } = step;
  const axes = draft.ints(`${name}/axes`, MAP_AXES);
  const options = { keep_dims: 1 };
  for (const output of outputs)
    withLimits(
      draft,
      output,
      (to) =>
        draft.add({
          op: "MEAN",
          inputs: [draft.indexOf(input.name), axes],
          outputs: [to],
          options,
          version: 2,
        }),
      false,
    );
  if (!step.isOutput) return;
  const [, , , channels] = sidesOf(input.shape);
  const to = draft.tensor(name, { shape: [1, 1, 1, channels], type: "float32" });
  draft.add({ op: "MEAN", inputs: [addFloats(draft, input, name), axes], outputs: [to], options });
};

const lowerStep = (draft: Int8Draft, step: IntegerStep): void => {
  switch (step.kind) {
    case "conv":
      lowerConv(draft, step);
      return;
    case "add":
    case "multiply":
      lowerJoin(draft, step);
      return;
    case "maxPool":
    case "averagePool":
      lowerPool(draft, step);
      return;
    case "mean":
      lowerMean(draft, step);
      return;
    case "clamp":
      addClamp(draft, step.input, step.output);
      return;
    case "rescale":
      withLimits(
        draft,
        step.output,
        (to) =>
          draft.add({ op: "QUANTIZE", inputs: [draft.indexOf(step.input.name)], outputs: [to] }),
        false,
      );
      return;
    case "table":
      lowerTable(draft, step);
      return;
    case "move":
      lowerMove(draft, step);
      return;
  }
};

/** The value that the net returns, in float32 and with its own shape. */
const addOutput = (draft: Int8Draft, { output, outputShape }: IntegerPlan): number => {
  const index = draft.indexOf(output);
  const isReal = draft.tensors[index]?.type === "float32";
  const floats = isReal ? index : addFloats(draft, { name: output, shape: outputShape }, output);
  const shape = outputShape.length === 3 ? [1, ...outputShape] : [1, outputShape[0] as number];
  const to = draft.tensor(LOGITS, { shape, type: "float32" });
  const sides = draft.ints(`${output}/sides`, shape);
  draft.add({ op: "RESHAPE", inputs: [floats, sides], outputs: [to], options: { shape } });
  return to;
};

/** The codes of images, of which those of fewer bits are fewer than int8 has. */
const addInput = (draft: Int8Draft, { input }: IntegerPlan, images: string): number => {
  const from = draft.tensor(images, { shape: sidesOf(input.shape), type: "float32" });
  const { least: low, most: high } = input.grid;
  withLimits(
    draft,
    { ...input, low, high },
    (to) => draft.add({ op: "QUANTIZE", inputs: [from], outputs: [to] }),
    false,
  );
  return from;
};

/** The tensors and operators of a net of integers, and the numbers of its input and output. */
export interface Int8Graph extends Pick<Int8Draft, "tensors" | "operators"> {
  readonly input: number;
  readonly output: number;
}

/**
 * A net of integers in LiteRT's operators, after its specification of 8-bit quantization: weights of int8 with a scale per filter,
 * biases of int32, activations of int8 with a zero point. Images and logits are float32.
 * @param images the name of the images
 * @throws QpruneError if LiteRT has no operator for a step.
 */
export const lowerPlan = (plan: IntegerPlan, images: string): Int8Graph => {
  const draft = createInt8Draft();
  const input = addInput(draft, plan, images);
  for (const step of plan.steps) lowerStep(draft, step);
  const output = addOutput(draft, plan);
  return { tensors: draft.tensors, operators: draft.operators, input, output };
};
