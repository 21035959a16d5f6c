import type { Node, NodeOf } from "../graph/graph.js";
import type { Shape } from "../graph/shape.js";
import type { Padding, Pair } from "../graph/window.js";
import type { FixedPoint, Rounding } from "./fixed-point.js";

/** A grid of codes with a sign: x = scale (code - zero), codes from `least` to `most`. Of 8 bits they are those of int8. */
export interface IntegerGrid {
  readonly scale: number;
  readonly zero: number;
  readonly least: number;
  readonly most: number;
}

/** A value of the plan and the grid on which its codes are. */
export interface IntegerValue {
  readonly name: string;
  readonly shape: Shape;
  readonly grid: IntegerGrid;
}

/** A value that a step computes: codes are clamped to [low, high], in which a ReLU or ReLU6 is included. */
export interface IntegerOutput extends IntegerValue {
  readonly low: number;
  readonly high: number;
}

/** Sums of a convolution as codes: a multiplier per filter, input scale * weight scale / output scale. */
export interface SumOutput extends IntegerOutput {
  readonly multipliers: readonly FixedPoint[];
}

/** The geometry of a convolution; a dense layer is one of 1x1 over a map of 1x1. */
export interface ConvGeometry {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
}

export interface ConvStep {
  readonly kind: "conv";
  /** Of the layer. */
  readonly name: string;
  /** Of the output. */
  readonly shape: Shape;
  readonly input: IntegerValue;
  readonly geometry: ConvGeometry;
  /** [filters, in / groups, kh, kw], without zero points; int32 sums of their products with input codes minus the input's zero point. */
  readonly weights: Int16Array;
  readonly filters: number;
  /** The scale of the weights of each filter. */
  readonly scales: Float32Array;
  /** int32, at the scale input scale * weight scale. */
  readonly bias: Int32Array;
  readonly outputs: readonly SumOutput[];
  /** Whether the output of the net are its sums in real numbers, sum * input scale * weight scale. */
  readonly isOutput: boolean;
}

/** A sum or product of values, with TensorFlow Lite's arithmetic (see joins.ts). */
export interface JoinStep {
  readonly kind: "add" | "multiply";
  readonly inputs: readonly IntegerValue[];
  readonly outputs: readonly IntegerOutput[];
}

export interface PoolStep {
  readonly kind: "maxPool" | "averagePool";
  readonly input: IntegerValue;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly countsPadding: boolean;
  readonly output: IntegerValue;
}

/** The mean of each channel: the sum times input scale / output scale / the number of positions. */
export interface MeanStep {
  readonly kind: "mean";
  readonly input: IntegerValue;
  readonly outputs: readonly IntegerOutput[];
  /** Of the node. */
  readonly name: string;
  /** Whether the output of the net are its sums in real numbers, sum * input scale / number of positions. */
  readonly isOutput: boolean;
}

/** Codes that are clamped, mapped by a table, or brought to another grid. */
export interface MapStep {
  readonly kind: "clamp" | "rescale";
  readonly input: IntegerValue;
  readonly output: IntegerOutput;
}

export interface TableStep {
  readonly kind: "table";
  /** The function. */
  readonly node: NodeOf<"activation">;
  readonly input: IntegerValue;
  /** The code of the output for each code of the input, from the least one. */
  readonly table: Int16Array;
  readonly output: IntegerValue;
}

/** Codes that are only moved: the source of each code of the output, an index into all inputs one after the other, -1 for zero. */
export interface MoveStep {
  readonly kind: "move";
  /** What moves them, and which of its outputs this is. */
  readonly node: Node;
  readonly part: number;
  readonly inputs: readonly IntegerValue[];
  readonly sources: Int32Array;
  readonly output: IntegerValue;
}

export type IntegerStep =
  | ConvStep
  | JoinStep
  | PoolStep
  | MeanStep
  | MapStep
  | TableStep
  | MoveStep;

/** A net that computes with integers only, as plain data. */
export interface IntegerPlan {
  readonly rounding: Rounding;
  /** The images; their codes are round(x / scale) + zero. */
  readonly input: IntegerValue;
  readonly steps: readonly IntegerStep[];
  /** The value that the net returns: real numbers of a convolution or mean, or codes. */
  readonly output: string;
  readonly outputShape: Shape;
}
