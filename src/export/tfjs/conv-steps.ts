import type { ConvWeights } from "../../models/conv-weights.js";
import type { MergedConv } from "../../models/merged-weights.js";
import { extendBy, startExtent } from "../../models/net-extent.js";
import { type NormChannel, normChannels } from "../../models/norm-channels.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../../models/spec.js";
import { activationOf } from "../../quant/activation-of.js";
import type { Activation } from "../../tensor/ops/activation.js";
import type { ExportNet } from "../export-net.js";
import type { ConvStep, ScaleShift } from "./conv-step.js";
import { exportedKernel } from "./exported-kernel.js";

const isOnes = (values: Float32Array): boolean => values.every((value) => value === 1);

const scaleShift = (scale: Float32Array, shift: Float32Array): ScaleShift => ({
  scale: isOnes(scale) ? null : scale,
  shift,
});

/** gamma (x + bias - mean) / deviation + beta as scale x + shift. */
const normScaleShift = (channels: readonly NormChannel[], bias?: Float32Array): ScaleShift => {
  const scales = channels.map(({ gamma, deviation }) => gamma / deviation);
  const shift = Float32Array.from(channels, ({ beta, mean }, index) => {
    return beta + ((bias?.[index] ?? 0) - mean) * (scales[index] as number);
  });
  return { scale: Float32Array.from(scales), shift };
};

/** The activation after the norm of convolution `index`: the input quantizer of the next convolution, or a ReLU. */
const activationAfter = (spec: NetSpec, index: number): Activation =>
  spec.convs[index + 1]?.isQuantized
    ? activationOf(spec.quantization.activations)
    : { kind: "relu" };

/** The activation before convolution `at` in the B-A-C-P order. */
const inputActivation = ({ convs, quantization }: NetSpec, index: number): Activation =>
  convs[index]?.isQuantized ? activationOf(quantization.activations) : { kind: "identity" };

type StepValues = Pick<ConvStep, "input" | "kernel" | "output">;

const bakedValues = (spec: NetSpec, conv: ConvWeights, index: number): StepValues => {
  const { kernel, filterScale } = exportedKernel(spec, index, conv.kernel, null);
  const channels = normChannels(conv, spec);
  if (spec.order === "norm-activation-conv" && index > 0) {
    const input = { ...normScaleShift(channels), activation: inputActivation(spec, index) };
    return { input, kernel, output: scaleShift(filterScale, conv.bias) };
  }
  const { scale, shift } = normScaleShift(channels, conv.bias);
  const scaled = filterScale.map((value, filter) => value * (scale?.[filter] ?? 1));
  return { input: null, kernel, output: scaleShift(scaled, shift) };
};

const mergedValues = (spec: NetSpec, conv: MergedConv, index: number): StepValues => {
  const { kernel, filterScale } = exportedKernel(spec, index, conv.kernel, conv.kernelScale);
  const input = conv.input && {
    ...scaleShift(
      conv.input.scale,
      conv.input.threshold.map((value) => -value),
    ),
    activation: inputActivation(spec, index),
  };
  return { input, kernel, output: scaleShift(filterScale, conv.bias) };
};

/**
 * The convolutions of a net in order, with norms as scales and shifts.
 * @throws QpruneError if quantized weights are not on their grid.
 */
export const convSteps = (net: ExportNet): ConvStep[] => {
  const { spec } = net;
  let extent = startExtent(spec);
  return spec.convs.map((conv: ConvSpec, index): ConvStep => {
    const [height, width] = extent.sides as [number, number];
    extent = extendBy(spec, index, extent);
    const values =
      net.form === "baked"
        ? bakedValues(spec, net.weights[index] as ConvWeights, index)
        : mergedValues(spec, net.weights[index] as MergedConv, index);
    const isNormFirst = spec.order === "norm-activation-conv";
    const activation: Activation = isNormFirst ? { kind: "relu" } : activationAfter(spec, index);
    const inputs = inputChannels(spec, index);
    return { index, conv, inputs, height, width, ...values, activation };
  });
};
