import type { Node, NodeOf, ValueId } from "../../graph/graph.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { isMaps, type Shape } from "../../graph/shape.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import type { AffineFunction } from "../../tensor/ops/activation.js";
import type { OnnxBuilder } from "./onnx-builder.js";

/** How quantized weights and activations are written. */
export interface Dialect {
  /** Adds the kernel of a layer [filters, ...], and returns its value. */
  readonly addKernel: (builder: OnnxBuilder, name: string, weight: WeightValue) => string;
  /** Adds a quantizer of activations, and returns its value. */
  readonly lowerQuantize: (node: NodeOf<"quantize">, lowering: Lowering) => string;
  /** Adds a quantizer of the same codes after values that a node moves or chooses, and returns its value. */
  readonly lowerMoved?: (lowering: Lowering, value: MovedValue) => string;
  readonly opset: number;
  readonly irVersion: number;
  /** Domains of other operators than the standard ones, with their versions. */
  readonly domains: ReadonlyMap<string, number>;
}

/** A value in codes that a node only moves or chooses. */
export interface MovedValue {
  /** The name of its quantizer. */
  readonly name: string;
  /** The value in ONNX. */
  readonly x: string;
  readonly grid: AffineFunction;
}

/** What the nodes of a net need to become nodes of ONNX. */
export interface Lowering {
  readonly builder: OnnxBuilder;
  readonly dialect: Dialect;
  readonly weights: Model["weights"];
  readonly shapeOf: (value: ValueId) => Shape;
  /** The name in ONNX of a value that is computed already. */
  readonly sourceOf: (value: ValueId) => string;
  /** The name that a node's output is to have. */
  readonly nameOf: (node: Node) => string;
}

/** Attributes of Pad: what is its default, too, but pnnx, which converts models for ncnn, passes on no Pad without a mode. */
export const CONSTANT_PAD = { mode: "constant" };

/** The only input of a node, with its shape. */
export const onlyInput = (
  { sourceOf, shapeOf }: Lowering,
  { inputs }: Node,
): { readonly x: string; readonly shape: Shape } => ({
  x: sourceOf(inputs[0] as ValueId),
  shape: shapeOf(inputs[0] as ValueId),
});

/** The numbers of a tensor of a node; undefined if the node lacks it. */
export const vectorOf = (
  { weights }: Lowering,
  { name }: Node,
  suffix: string,
): Float32Array | undefined => {
  const found = weights.get(`${name}.${suffix}`);
  return found && weightNumbers(found);
};

/** The dimensions of one number for each channel, which spread over rows and columns of maps. */
export const channelDims = (count: number, shape: Shape): number[] =>
  isMaps(shape) ? [count, 1, 1] : [count];
