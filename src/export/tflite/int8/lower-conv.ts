import { QpruneError } from "../../../base/errors.js";
import { FUSED_FUNCTIONS } from "../../../formats/tflite/schema.js";
import type { ConvStep } from "../../../integer/integer-plan.js";
import { bytesOf, type Int8Draft, sidesOf } from "./int8-draft.js";
import { withLimits } from "./limits.js";
import { padInput } from "./pad-maps.js";

/** The largest magnitude of a weight of int8: LiteRT's weights have no zero points, and no -128. */
const LARGEST_WEIGHT = 127;

/** A channel per group: LiteRT has an operator of its own for it. */
const isDepthwise = ({ geometry: { groups }, input }: ConvStep): boolean =>
  groups > 1 && groups === sidesOf(input.shape)[3];

/** The weights [filters, channels, rows, columns] with the channels last, and with the filters last for a channel per group. */
const arranged = (step: ConvStep) => {
  const { weights, filters, geometry } = step;
  const [rows, columns] = geometry.kernel;
  const area = rows * columns;
  const channels = weights.length / filters / area;
  const own = new Int8Array(weights.length);
  for (let filter = 0; filter < filters; filter++)
    for (let channel = 0; channel < channels; channel++)
      for (let place = 0; place < area; place++) {
        const at = isDepthwise(step)
          ? place * filters + filter
          : (filter * area + place) * channels + channel;
        own[at] = weights[(filter * channels + channel) * area + place] as number;
      }
  return isDepthwise(step)
    ? { values: own, shape: [1, rows, columns, filters], axis: 3 }
    : { values: own, shape: [filters, rows, columns, channels], axis: 0 };
};

/** The scale of the weights of each filter. */
const weightScales = ({ scales }: ConvStep): number[] => Array.from(scales);

const addWeights = (draft: Int8Draft, step: ConvStep, name: string): number => {
  if (step.weights.some((weight) => Math.abs(weight) > LARGEST_WEIGHT))
    throw new QpruneError(
      `${step.name} has weights with zero points, which LiteRT does not have.`,
      {
        hint: "Quantize the net with symmetric weights.",
      },
    );
  const { values, shape, axis } = arranged(step);
  const scale = weightScales(step);
  return draft.tensor(name, {
    shape,
    type: "int8",
    data: bytesOf(values),
    quantization: { scale, zeroPoint: scale.map(() => 0), axis },
  });
};

/** The operator of a layer with the version for its type, and options besides those of all. */
const operatorOf = (step: ConvStep, isFloat: boolean) =>
  isDepthwise(step)
    ? {
        op: "DEPTHWISE_CONV_2D",
        version: isFloat ? 2 : 3,
        own: { multiplier: step.filters / step.geometry.groups },
      }
    : { op: "CONV_2D", version: isFloat ? 2 : 3, own: {} };

const windowOptions = ({ geometry: { stride, dilation } }: ConvStep, padding: number) => ({
  padding,
  strideRows: stride[0],
  strideColumns: stride[1],
  dilationRows: dilation[0],
  dilationColumns: dilation[1],
});

/**
 * The output of the net in float32: LiteRT has no integer layer with an output of real numbers, and rounding the output to 8 bits
 * would make equal what differs. Codes and weights become floats, which is exact, and their sums are floats.
 */
const addReal = (
  draft: Int8Draft,
  step: ConvStep,
  { name, index, padding }: { readonly name: string; index: number; readonly padding: number },
): void => {
  const { scales, bias, filters } = step;
  const floats = (part: string, from: number, version: number): number => {
    const { shape } = draft.tensors[from] as { readonly shape: readonly number[] };
    const to = draft.tensor(`${name}/${part}`, { shape, type: "float32" });
    draft.add({ op: "DEQUANTIZE", inputs: [from], outputs: [to], version });
    return to;
  };
  const weights = floats("weights", addWeights(draft, step, `${name}/codes`), 5);
  const added = draft.tensor(`${name}/bias`, {
    shape: [filters],
    type: "float32",
    data: bytesOf(
      Float32Array.from(bias, (sum, filter) => {
        return sum * (scales[filter] as number) * step.input.grid.scale;
      }),
    ),
  });
  const { op, version, own } = operatorOf(step, true);
  draft.add({
    op,
    version,
    inputs: [floats("input", index, 2), weights, added],
    outputs: [draft.tensor(name, { shape: sidesOf(step.shape), type: "float32" })],
    options: { ...windowOptions(step, padding), ...own, fused: FUSED_FUNCTIONS.indexOf("none") },
  });
};

/** Adds a layer: once for each grid in which its output is read. */
export const lowerConv = (draft: Int8Draft, step: ConvStep): void => {
  const { name, input, geometry, bias, filters, outputs } = step;
  const padded = padInput(draft, input, geometry, { name });
  if (step.isOutput) addReal(draft, step, { name, ...padded });
  if (outputs.length === 0) return;
  const weights = addWeights(draft, step, `${name}/weights`);
  const sums = draft.tensor(`${name}/bias`, {
    shape: [filters],
    type: "int32",
    data: bytesOf(bias),
    quantization: {
      scale: weightScales(step).map((scale) => Math.fround(scale * input.grid.scale)),
      zeroPoint: weightScales(step).map(() => 0),
      axis: 0,
    },
  });
  const { op, version, own } = operatorOf(step, false);
  for (const output of outputs)
    withLimits(draft, output, (to, fused) =>
      draft.add({
        op,
        version,
        inputs: [padded.index, weights, sums],
        outputs: [to],
        options: { ...windowOptions(step, padded.padding), ...own, fused },
      }),
    );
};
