import type { Padding, Pair } from "../../base/sliding-window.js";
import type { MapShape } from "../../graph/shape.js";
import type { FixedPoint } from "../../integer/fixed-point.js";
import type { Step as NetStep } from "../../models/executor/steps.js";

/** An elementwise activation, as the training engine defines it. */
export type Activation = Extract<NetStep, { kind: "norm" }>["tail"]["activation"];

/**
 * How a value is stored between steps:
 * - `floats`: float32
 * - `codes`: a byte per value, from 0 to `top`, or two bytes if `top` exceeds a byte; only sums that a convolution reads do. The value is (code - zero) / levels in float32, or (code - zero) scale.
 */
export type Format =
  | { readonly kind: "floats" }
  | {
      readonly kind: "codes";
      readonly levels: number;
      readonly zero: number;
      readonly top: number;
      /** A float32, of affine codes. Their levels are 1. */
      readonly scale?: number;
    };

export type Codes = Extract<Format, { kind: "codes" }>;

export const FLOATS: Format = { kind: "floats" };

/** A value of one image, [height, width, channels] in row-major order. A vector is a map of 1x1. */
export interface PlanValue {
  /** Of the graph's value; for messages and comparisons. */
  readonly name: string;
  readonly shape: MapShape;
  readonly format: Format;
  /** Where it starts in the arena, in bytes. */
  readonly offset: number;
}

/** The index of a value in a plan. */
export type ValueIndex = number;

/** A window that slides over maps of `height` x `width` x `channels` and leaves `outHeight` x `outWidth`. */
export interface PlanWindow {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
}

export interface ConvShape extends PlanWindow {
  readonly filters: number;
  readonly groups: number;
}

/**
 * Weights as integers. A sum over a window is the whole number S = sum((code - zero) weight), and the convolution's output
 * is fround(factor * fround(S)).
 */
export interface IntegerWeights {
  readonly kind: "integers";
  /** [filters, kernel height, kernel width, channels / groups]; the weight is the number itself, or 2 number + 1. */
  readonly numbers: Int8Array;
  /** Whether a weight is 2 number + 1: the odd weights of 8 bits, which reach from -255 to 255. */
  readonly areHalved: boolean;
  /** Whether all weights are -1, 0 or 1. */
  readonly areSigns: boolean;
  /** [filters] */
  readonly factor: Float32Array;
  /** What a code means in the input. */
  readonly input: Codes;
}

/** Weights in float32: [filters, kernel height, kernel width, channels / groups]. */
export interface FloatWeights {
  readonly kind: "floats";
  readonly numbers: Float32Array;
}

/** Numbers per channel of a normalization with fixed statistics: (x - center) scale + shift. */
export interface Affine {
  readonly center: Float32Array;
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/**
 * What follows a convolution, or another value, in the same pass, in float32 in this order: bias, affine, activation,
 * channel shuffle. An activation that quantizes yields codes.
 */
export interface Tail {
  readonly bias: Float32Array | null;
  readonly affine: Affine | null;
  readonly activation: Activation;
  readonly shuffleGroups: number;
}

/**
 * Integer sums as codes, in integers: sum + bias times a multiplier per filter, plus zero, clamped to [low, high]; see runIntegers
 * (integer/run-integers.ts).
 */
export interface Requantization {
  readonly bias: Int32Array;
  readonly multipliers: readonly FixedPoint[];
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

interface OneInput {
  readonly input: ValueIndex;
  readonly output: ValueIndex;
}

interface SeveralInputs {
  readonly inputs: readonly ValueIndex[];
  readonly output: ValueIndex;
}

/** A step of a plan. Every step writes its whole output. */
export type PlanStep =
  | (OneInput & {
      readonly kind: "conv";
      readonly name: string;
      readonly shape: ConvShape;
      readonly weights: IntegerWeights | FloatWeights;
      readonly tail: Tail;
      /** What follows the sums in place of the tail. */
      readonly requantization?: Requantization;
    })
  /** Norm, activation or quantizer of a stored value. */
  | (OneInput & { readonly kind: "tail"; readonly tail: Tail })
  /** Codes as the floats that they mean. */
  | (OneInput & { readonly kind: "values" })
  | (OneInput & { readonly kind: "maxPool"; readonly window: PlanWindow })
  /** Floats as affine codes: clamp(round(x / scale) + zero, 0, top), halves to even. */
  | (OneInput & { readonly kind: "quantize" })
  /** A function of codes: the code of the output for each of 256. */
  | (OneInput & { readonly kind: "map"; readonly table: Uint8Array })
  /** A function of two codes, of which the second may be one per channel: table[256 one + other]. */
  | (SeveralInputs & { readonly kind: "join"; readonly table: Uint8Array })
  /** Means of codes over windows, halves away from the code 128, which has the sign 0. */
  | (OneInput & {
      readonly kind: "meanPool";
      readonly window: PlanWindow;
      readonly countsPadding: boolean;
    })
  /** Means of channels: the sum without zeros times a multiplier, plus zero, clamped. */
  | (OneInput & {
      readonly kind: "mean";
      readonly requantization: Omit<Requantization, "bias">;
    })
  /** Means in floats. `areas` has the number of values that count in each window. */
  | (OneInput & {
      readonly kind: "averagePool";
      readonly window: PlanWindow;
      readonly areas: Float32Array;
    })
  /** The sums of codes over windows, as codes of a finer grid; padding counts as zeros. */
  | (OneInput & { readonly kind: "sumPool"; readonly window: PlanWindow })
  | (OneInput & { readonly kind: "globalPool"; readonly function: "mean" | "max" })
  | (OneInput & { readonly kind: "prelu"; readonly slope: Float32Array })
  | (OneInput & { readonly kind: "shuffle"; readonly groups: number })
  | (OneInput & { readonly kind: "pixelShuffle"; readonly factor: number })
  | (OneInput & {
      readonly kind: "pad";
      readonly padding: Padding;
      readonly channelsBefore: number;
      /** A float, or a code. */
      readonly value: number;
    })
  | (OneInput & {
      readonly kind: "resize";
      readonly method: "nearest" | "bilinear";
      readonly alignsCorners: boolean;
    })
  /** The same values in PyTorch's order (channel by channel, row by row) in another shape. */
  | (OneInput & { readonly kind: "reshape" })
  | (OneInput & { readonly kind: "softmax" })
  | (OneInput & { readonly kind: "slice"; readonly firstChannel: number })
  | (SeveralInputs & { readonly kind: "concat" })
  | (SeveralInputs & { readonly kind: "add" })
  | (SeveralInputs & { readonly kind: "multiply" });

export type PlanStepOf<K extends PlanStep["kind"]> = Extract<PlanStep, { kind: K }>;

/** A net as steps on values in one arena, for one image at a time. */
export interface Plan {
  readonly values: readonly PlanValue[];
  readonly steps: readonly PlanStep[];
  /** Pixels, normalized: floats. */
  readonly input: ValueIndex;
  /** Logits: floats. */
  readonly output: ValueIndex;
  readonly arenaBytes: number;
}

/** The inputs of a step. */
export const inputsOf = (step: PlanStep): readonly ValueIndex[] =>
  "inputs" in step ? step.inputs : [step.input];

/** The largest code of a byte. */
export const MOST_BYTE = 255;

/** Bytes of one number of a value. */
export const numberBytes = (format: Format): 1 | 2 | 4 => {
  if (format.kind === "floats") return 4;
  return format.top > MOST_BYTE ? 2 : 1;
};

/** Bytes of a stored value. */
export const valueBytes = ({ shape, format }: Pick<PlanValue, "shape" | "format">): number =>
  shape[0] * shape[1] * shape[2] * numberBytes(format);

/** The number that a code means, in float32. */
export const codeValue = ({ levels, zero, scale }: Codes, code: number): number =>
  Math.fround(scale === undefined ? (code - zero) / levels : (code - zero) * scale);
