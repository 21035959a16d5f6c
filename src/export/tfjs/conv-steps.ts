import { activationBehind } from "../../models/conv-norm-stage.js";
import type { ConvWeights } from "../../models/conv-weights.js";
import type { MergedConv } from "../../models/merged-weights.js";
import { extendBy, startExtent } from "../../models/net-extent.js";
import { type NormChannel, normChannels } from "../../models/norm-channels.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../../models/spec.js";
import { activationOf } from "../../quant/activation-of.js";
import type { Activation } from "../../tensor/ops/activation.js";
import type { ExportNet } from "../export-net.js";
import type { ConvStep, ScaleShift } from "./conv-step.js";
import { takeKernel } from "./take-kernel.js";

const isOnes = (values: Float32Array): boolean => values.every((value) => value === 1);

const scaleShift = (scale: Float32Array, shift: Float32Array): ScaleShift => ({
  scale: isOnes(scale) ? null : scale,
  shift,
});

/** gamma (x - mean) / deviation + beta as scale x + shift, where a bias is still to be added to x. */
const normScaleShift = (channels: readonly NormChannel[], bias?: Float32Array): ScaleShift => {
  const scales = channels.map(({ gamma, deviation }) => gamma / deviation);
  const shift = Float32Array.from(channels, ({ beta, mean }, at) => {
    return beta + ((bias?.[at] ?? 0) - mean) * (scales[at] as number);
  });
  return { scale: Float32Array.from(scales), shift };
};

/** The activation in front of convolution `at` in the B-A-C-P order. */
const inputActivation = ({ convs, quantization }: NetSpec, at: number): Activation =>
  convs[at]?.isQuantized ? activationOf(quantization.activations) : { kind: "identity" };

type Numbers = Pick<ConvStep, "input" | "kernel" | "output">;

const bakedNumbers = (spec: NetSpec, conv: ConvWeights, at: number): Numbers => {
  const { kernel, filterScale } = takeKernel(spec, at, conv.kernel, null);
  const channels = normChannels(conv, spec);
  if (spec.order === "norm-activation-conv" && at > 0) {
    const input = { ...normScaleShift(channels), activation: inputActivation(spec, at) };
    return { input, kernel, output: scaleShift(filterScale, conv.bias) };
  }
  const { scale, shift } = normScaleShift(channels, conv.bias);
  const scaled = filterScale.map((value, filter) => value * (scale?.[filter] ?? 1));
  return { input: null, kernel, output: scaleShift(scaled, shift) };
};

const mergedNumbers = (spec: NetSpec, conv: MergedConv, at: number): Numbers => {
  const { kernel, filterScale } = takeKernel(spec, at, conv.kernel, conv.kernelScale);
  const input = conv.input && {
    ...scaleShift(
      conv.input.scale,
      conv.input.threshold.map((value) => -value),
    ),
    activation: inputActivation(spec, at),
  };
  return { input, kernel, output: scaleShift(filterScale, conv.bias) };
};

/**
 * A net as its convolutions in order, norms as scales and shifts.
 * @throws QpruneError where quantized weights are not on their grid.
 */
export const convSteps = (net: ExportNet): ConvStep[] => {
  const { spec } = net;
  let extent = startExtent(spec);
  return spec.convs.map((conv: ConvSpec, at): ConvStep => {
    const [height, width] = extent.sides as [number, number];
    extent = extendBy(spec, at, extent);
    const numbers =
      net.form === "baked"
        ? bakedNumbers(spec, net.weights[at] as ConvWeights, at)
        : mergedNumbers(spec, net.weights[at] as MergedConv, at);
    const isNormFirst = spec.order === "norm-activation-conv";
    const activation: Activation = isNormFirst ? { kind: "relu" } : activationBehind(spec, at);
    const inputs = inputChannels(spec, at);
    return { at, conv, inputs, height, width, ...numbers, activation };
  });
};
