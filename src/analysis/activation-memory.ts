import { extendBy, startExtent } from "../models/net-extent.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { activationBits, FLOAT_BITS } from "./conv-arithmetic.js";

/** The memory of one step of inference, for one image. */
export interface ActivationStep {
  /** Index of the convolution to which the step belongs. */
  readonly conv: number;
  readonly kind: "convolution" | "norm" | "pool" | "mean";
  /** Bytes of the step's input and output together. */
  readonly bytes: number;
}

const BITS_PER_BYTE = 8;

/** A map between two steps. */
interface Values {
  readonly count: number;
  readonly bits: number;
}

const bytesOf = ({ count, bits }: Values): number => Math.ceil((count * bits) / BITS_PER_BYTE);

const area = (sides: readonly number[]): number => sides.reduce((product, side) => product * side);

/** Bits of the output of convolution `index`: those of the next quantized input if the norm and activation follow directly. */
const outputBits = (spec: NetSpec, index: number): number =>
  spec.order === "conv-norm-activation" && spec.convs[index + 1]?.isQuantized
    ? activationBits(spec)
    : FLOAT_BITS;

/** The steps of convolution `index` with input `input`, and the map after its pool. */
const stepsOf = (spec: NetSpec, index: number, input: Values, sides: readonly number[]) => {
  const { width, kernel, pad, pool, isQuantized } = spec.convs[index] as ConvSpec;
  const steps: ActivationStep[] = [];
  const step = (kind: ActivationStep["kind"], from: Values, to: Values): Values => {
    steps.push({ conv: index, kind, bytes: bytesOf(from) + bytesOf(to) });
    return to;
  };
  const isNormFirst = spec.order === "norm-activation-conv" && index > 0;
  const normed = { ...input, bits: isQuantized ? activationBits(spec) : FLOAT_BITS };
  const convInput = isNormFirst ? step("norm", input, normed) : input;
  const convolved = sides.map((side) => side + 2 * pad - kernel + 1);
  const convOutput = { count: width * area(convolved), bits: outputBits(spec, index) };
  const output = step("convolution", convInput, convOutput);
  if (!pool) return { steps, output };
  const after = extendBy(spec, index, { sides, parameters: 0, outputs: 0 }).sides;
  // A mean lies between the levels; a maximum is one of the levels.
  const bits = pool.kind === "average" ? FLOAT_BITS : output.bits;
  return { steps, output: step("pool", output, { count: width * area(after), bits }) };
};

/**
 * The activations of each step of inference on one image. Quantized activations count with their bits, packed without gaps;
 * all others count as float32, including the image and the output of an average pool. A step reads one map and writes
 * another. A convolution is one step together with the norm, activation and shuffle after it, as in merged nets and the
 * native kernels. A norm before a convolution is a separate step with its activation. A shuffle after a pool is only a
 * matter of addresses. Weights and the internal memory of kernels do not count.
 * Example: a 3x3 image of 2 channels, a 1x1 convolution to 4 channels and 2 bits: 72 + 9 bytes.
 */
export const activationSteps = (spec: NetSpec): ActivationStep[] => {
  const { sides: start } = startExtent(spec);
  let values: Values = { count: inputChannels(spec, 0) * area(start), bits: FLOAT_BITS };
  let extent = startExtent(spec);
  const steps = spec.convs.flatMap((_, index) => {
    const conv = stepsOf(spec, index, values, extent.sides);
    values = conv.output;
    extent = extendBy(spec, index, extent);
    return conv.steps;
  });
  const logits = { count: spec.classes, bits: FLOAT_BITS };
  const mean = { conv: spec.convs.length - 1, kind: "mean" } as const;
  return [...steps, { ...mean, bytes: bytesOf(values) + bytesOf(logits) }];
};

/** The largest of {@link activationSteps}: the least memory for activations with which inference on one image is possible. */
export const peakActivation = (spec: NetSpec): ActivationStep =>
  activationSteps(spec).reduce((peak, step) => (step.bytes > peak.bytes ? step : peak));
