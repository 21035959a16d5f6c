import { QpruneError } from "../base/errors.js";
import type { ConvWeights, NetWeights } from "../models/conv-weights.js";
import { keepsInputAffine } from "../models/merged-stage.js";
import type { InputAffine, MergedConv, MergedWeights } from "../models/merged-weights.js";
import { normChannels } from "../models/norm-channels.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { gridOf, kernelValues, toGridKernel } from "../quant/numbers/grid-kernel.js";
import { type Fold, fold, foldAffine, foldBinary, foldThreshold, type Threshold } from "./fold.js";

/** Multiplies each filter of a kernel. */
const scaleFilters = (kernel: Float32Array, factors: readonly number[]): Float32Array => {
  const size = kernel.length / factors.length;
  return kernel.map((weight, at) => weight * (factors[Math.floor(at / size)] as number));
};

/**
 * A convolution with the factors of its filters worked in. Quantized weights stay on their grid: the factors
 * go into the scale of each filter, and every weight is the grid's value times it.
 */
const withFactors = (
  spec: NetSpec,
  at: number,
  kernel: Float32Array,
  factors: readonly number[],
): Pick<MergedConv, "kernel" | "kernelScale"> => {
  const grid = spec.convs[at]?.isQuantized ? gridOf(spec.quantization.weights) : undefined;
  if (!grid) return { kernel: scaleFilters(kernel, factors), kernelScale: null };
  const taken = toGridKernel(kernel, factors.length, grid);
  const scale = taken.scale.map((value, filter) => value * (factors[filter] as number));
  const values = kernelValues({ ...taken, scale });
  return { kernel: values, kernelScale: grid.kind === "dorefa" ? scale : null };
};

/** Whether only the sign of a convolution's norm is read; the first one is folded plainly, as in the original. */
const isReadBySign = ({ convs, quantization }: NetSpec, at: number): boolean =>
  at > 0 && convs[at + 1]?.isQuantized === true && quantization.activations.kind === "binary";

/** A convolution with the norm behind it folded in. */
const mergeBehind = (spec: NetSpec, conv: ConvWeights, at: number): MergedConv => {
  const rule = isReadBySign(spec, at) ? foldBinary : fold;
  const folds: Fold[] = normChannels(conv, spec).map((channel, filter) =>
    rule(channel, conv.bias[filter] as number),
  );
  return {
    ...withFactors(
      spec,
      at,
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

/** The norm in front of an unpadded convolution, worked into its kernel input by input. */
const mergeInto = (spec: NetSpec, conv: ConvWeights, at: number): MergedConv => {
  const { groups, kernel: side, width } = spec.convs[at] as ConvSpec;
  const perGroup = inputChannels(spec, at) / groups;
  const thresholds = normChannels(conv, spec).map(foldAffine);
  const [area, perFilter] = [side * side, perGroup * side * side];
  const bias = Float64Array.from(conv.bias);
  const kernel = conv.kernel.map((weight, index) => {
    const filter = Math.floor(index / perFilter);
    const group = Math.floor((filter * groups) / width);
    const input = group * perGroup + (Math.floor(index / area) % perGroup);
    const { scale, threshold } = thresholds[input] as Threshold;
    bias[filter] = (bias[filter] as number) - weight * threshold;
    return weight * scale;
  });
  return { kernel, bias: Float32Array.from(bias), kernelScale: null, input: null };
};

/** A convolution of the B-A-C-P order: its own norm stands in front of it. */
const mergeInFront = (spec: NetSpec, conv: ConvWeights, at: number): MergedConv => {
  const { isQuantized } = spec.convs[at] as ConvSpec;
  if (!keepsInputAffine(spec, at)) return mergeInto(spec, conv, at);
  const isSign = isQuantized && spec.quantization.activations.kind === "binary";
  const ones = new Array<number>(conv.bias.length).fill(1);
  return {
    ...withFactors(spec, at, conv.kernel, ones),
    bias: conv.bias,
    input: toInputAffine(normChannels(conv, spec).map(isSign ? foldThreshold : foldAffine)),
  };
};

/**
 * Folds every batch norm of a baked net away: into the kernel and bias of the convolution in front of it;
 * in front of a binary activation into the bias alone, since only a sign is read; in the B-A-C-P order
 * into a threshold a channel. Quantized weights stay on their grid with a scale a filter.
 * @throws QpruneError where the net is merged already.
 */
export const mergeNet = (
  spec: NetSpec,
  weights: NetWeights,
): { readonly spec: NetSpec; readonly weights: MergedWeights } => {
  if (spec.form !== "baked") {
    throw new QpruneError(`The net is ${spec.form}; only one with baked weights can be merged.`);
  }
  const merged = weights.map((conv, at) =>
    spec.order === "norm-activation-conv" && at > 0
      ? mergeInFront(spec, conv, at)
      : mergeBehind(spec, conv, at),
  );
  return { spec: { ...spec, form: "merged" }, weights: merged };
};
