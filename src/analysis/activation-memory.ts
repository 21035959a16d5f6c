import { extendBy, startExtent } from "../models/net-extent.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { activationBits, FLOAT_BITS } from "./conv-arithmetic.js";

/** What is live while one step of inference runs, for one image. */
export interface ActivationStep {
  /** The convolution that the step belongs to. */
  readonly conv: number;
  readonly kind: "convolution" | "norm" | "pool" | "mean";
  /** Of what the step reads and what it writes together. */
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

/** Bits of what convolution `at` writes: the next one's quantized input where its norm and activation stand behind it. */
const outputBits = (spec: NetSpec, at: number): number =>
  spec.order === "conv-norm-activation" && spec.convs[at + 1]?.isQuantized
    ? activationBits(spec)
    : FLOAT_BITS;

/** The steps of convolution `at`, which reads `input`, and the map behind its pool. */
const stepsOf = (spec: NetSpec, at: number, input: Values, sides: readonly number[]) => {
  const { width, kernel, pad, pool, isQuantized } = spec.convs[at] as ConvSpec;
  const steps: ActivationStep[] = [];
  const step = (kind: ActivationStep["kind"], reads: Values, writes: Values): Values => {
    steps.push({ conv: at, kind, bytes: bytesOf(reads) + bytesOf(writes) });
    return writes;
  };
  const hasNormInFront = spec.order === "norm-activation-conv" && at > 0;
  const normed = { ...input, bits: isQuantized ? activationBits(spec) : FLOAT_BITS };
  const read = hasNormInFront ? step("norm", input, normed) : input;
  const convolved = sides.map((side) => side + 2 * pad - kernel + 1);
  const made = { count: width * area(convolved), bits: outputBits(spec, at) };
  const output = step("convolution", read, made);
  if (!pool) return { steps, output };
  const after = extendBy(spec, at, { sides, parameters: 0, outputs: 0 }).sides;
  // A mean lies between the levels; a maximum is one of them.
  const bits = pool.kind === "average" ? FLOAT_BITS : output.bits;
  return { steps, output: step("pool", output, { count: width * area(after), bits }) };
};

/**
 * The activations that are live in each step of inference on one image, in as many bits as they have:
 * quantized ones in theirs, packed without gaps, all others in float32, the image and what an average pool makes
 * of quantized ones included. A step reads one map and writes another. A convolution is one step with the norm,
 * the activation and the shuffle behind it, as merged nets and the native kernels compute it; where a norm stands
 * in front, it is a step of its own with its activation; a shuffle behind a pool is a matter of addresses. Weights and
 * what a kernel needs inside are not counted.
 * Example: a 3x3 image of 2 channels, a 1x1 convolution to 4 channels and 2 bits: 72 + 9 bytes.
 */
export const activationSteps = (spec: NetSpec): ActivationStep[] => {
  const { sides: start } = startExtent(spec);
  let values: Values = { count: inputChannels(spec, 0) * area(start), bits: FLOAT_BITS };
  let extent = startExtent(spec);
  const steps = spec.convs.flatMap((_, at) => {
    const made = stepsOf(spec, at, values, extent.sides);
    values = made.output;
    extent = extendBy(spec, at, extent);
    return made.steps;
  });
  const logits = { count: spec.classes, bits: FLOAT_BITS };
  const mean = { conv: spec.convs.length - 1, kind: "mean" } as const;
  return [...steps, { ...mean, bytes: bytesOf(values) + bytesOf(logits) }];
};

/** The largest of {@link activationSteps}: the least memory for activations that inference on one image needs. */
export const peakActivation = (spec: NetSpec): ActivationStep =>
  activationSteps(spec).reduce((peak, step) => (step.bytes > peak.bytes ? step : peak));
