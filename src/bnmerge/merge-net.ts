import { QpruneError } from "../base/errors.js";
import { gridOf } from "../graph/model.js";
import { keepsInputAffine } from "../models/chain-to-graph.js";
import type { ConvWeights, NetWeights } from "../models/conv-weights.js";
import type { InputAffine, MergedConv, MergedWeights } from "../models/merged-weights.js";
import { normChannels } from "../models/norm-channels.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { kernelValues, toGridKernel } from "../quant/numbers/grid-kernel.js";
import { type Fold, fold, foldAffine, foldBinary, foldThreshold, type Threshold } from "./fold.js";

/** Multiplies each filter of a kernel. */
const scaleFilters = (kernel: Float32Array, factors: readonly number[]): Float32Array => {
  const size = kernel.length / factors.length;
  return kernel.map((weight, index) => weight * (factors[Math.floor(index / size)] as number));
};

/**
 * Multiplies the filters of a convolution by factors. Quantized weights stay on their grid: the factors are folded into
 * the scale of each filter, and every weight is its grid value times that scale.
 */
const withFactors = (
  spec: NetSpec,
  index: number,
  kernel: Float32Array,
  factors: readonly number[],
): Pick<MergedConv, "kernel" | "kernelScale"> => {
  const grid = spec.convs[index]?.isQuantized ? gridOf(spec.quantization.weights) : undefined;
  if (!grid) return { kernel: scaleFilters(kernel, factors), kernelScale: null };
  const gridKernel = toGridKernel(kernel, factors.length, grid);
  const scale = gridKernel.scale.map((value, filter) => value * (factors[filter] as number));
  const values = kernelValues({ ...gridKernel, scale });
  return { kernel: values, kernelScale: grid.kind === "dorefa" ? scale : null };
};

/** Whether only the sign of a convolution's norm is used; the first one is folded exactly, as in the reference scripts. */
const isBeforeSign = ({ convs, quantization }: NetSpec, index: number): boolean =>
  index > 0 && convs[index + 1]?.isQuantized === true && quantization.activations.kind === "binary";

/** Folds the norm after a convolution into it. */
const foldNormAfter = (spec: NetSpec, conv: ConvWeights, index: number): MergedConv => {
  const rule = isBeforeSign(spec, index) ? foldBinary : fold;
  const folds: Fold[] = normChannels(conv, spec).map((channel, filter) =>
    rule(channel, conv.bias[filter] as number),
  );
  return {
    ...withFactors(
      spec,
      index,
      conv.kernel,
      folds.map(({ factor }) => factor),
    ),
    bias: Float32Array.from(folds, ({ bias }) => bias),
    input: null,
  };
};

const toInputAffine = (thresholds: readonly Threshold[]): InputAffine => ({
  scale: Float32Array.from(thresholds, ({ scale }) => scale),
  threshold: Float32Array.from(thresholds, ({ threshold }) => threshold),
});

/** Folds the norm before an unpadded convolution into its kernel, per input channel. */
const foldNormIntoKernel = (spec: NetSpec, conv: ConvWeights, index: number): MergedConv => {
  const { groups, kernel: side, width } = spec.convs[index] as ConvSpec;
  const perGroup = inputChannels(spec, index) / groups;
  const thresholds = normChannels(conv, spec).map(foldAffine);
  const [area, perFilter] = [side * side, perGroup * side * side];
  const bias = Float64Array.from(conv.bias);
  const kernel = conv.kernel.map((weight, weightIndex) => {
    const filter = Math.floor(weightIndex / perFilter);
    const group = Math.floor((filter * groups) / width);
    const input = group * perGroup + (Math.floor(weightIndex / area) % perGroup);
    const { scale, threshold } = thresholds[input] as Threshold;
    bias[filter] = (bias[filter] as number) - weight * threshold;
    return weight * scale;
  });
  return { kernel, bias: Float32Array.from(bias), kernelScale: null, input: null };
};

/** Folds the norm before a convolution, in the B-A-C-P order (batch norm, activation, convolution, pool). */
const foldNormBefore = (spec: NetSpec, conv: ConvWeights, index: number): MergedConv => {
  const { isQuantized } = spec.convs[index] as ConvSpec;
  if (!keepsInputAffine(spec, index)) return foldNormIntoKernel(spec, conv, index);
  const isSign = isQuantized && spec.quantization.activations.kind === "binary";
  const ones = new Array<number>(conv.bias.length).fill(1);
  return {
    ...withFactors(spec, index, conv.kernel, ones),
    bias: conv.bias,
    input: toInputAffine(normChannels(conv, spec).map(isSign ? foldThreshold : foldAffine)),
  };
};

/**
 * Folds the batch norms of a net with quantized weights (`baked`): into kernel and bias of the convolution before; into
 * the bias alone before a binary activation, which uses only the sign; in the B-A-C-P order into a threshold per
 * channel. Quantized weights stay on their grid, with a scale per filter.
 * @throws QpruneError if the net is trainable or already merged.
 */
export const mergeNet = (
  spec: NetSpec,
  weights: NetWeights,
): { readonly spec: NetSpec; readonly weights: MergedWeights } => {
  if (spec.form !== "baked") {
    throw new QpruneError(
      `The net is ${spec.form}; only a baked net, with quantized weights, can be merged.`,
    );
  }
  const folded = weights.map((conv, index) =>
    spec.order === "norm-activation-conv" && index > 0
      ? foldNormBefore(spec, conv, index)
      : foldNormAfter(spec, conv, index),
  );
  return { spec: { ...spec, form: "merged" }, weights: folded };
};
