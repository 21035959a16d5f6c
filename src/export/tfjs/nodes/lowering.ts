import type { Node, NodeOf, ValueId } from "../../../graph/graph.js";
import type { Model } from "../../../graph/model.js";
import type { Shape } from "../../../graph/shape.js";
import { weightNumbers } from "../../../quant/numbers/quantized-tensor.js";
import type { TfGraphBuilder } from "../tf-graph.js";

/** What is needed to lower a node of a net to nodes of TensorFlow. */
export interface Lowering {
  readonly builder: TfGraphBuilder;
  readonly weights: Model["weights"];
  readonly norms: ReadonlyMap<string, NodeOf<"batchNorm">>;
  /** The shapes of the net's values, for one image. */
  readonly shapeOf: (value: ValueId) => Shape;
  /** The TensorFlow name under which a value of the net is computed. */
  readonly sourceOf: (value: ValueId) => string;
  /** The node that computes a value; undefined for the input of the net. */
  readonly producerOf: (value: ValueId) => Node | undefined;
  /** The unique prefix of a node's names. */
  readonly nameOf: (node: Node) => string;
}

/** The TensorFlow name of a node's only input, and its shape. */
export const onlyInput = (
  { sourceOf, shapeOf }: Lowering,
  { inputs }: Node,
): { readonly x: string; readonly shape: Shape } => {
  const [value] = inputs as [ValueId];
  return { x: sourceOf(value), shape: shapeOf(value) };
};

/** The numbers of a node's tensor; undefined if it has none of this name. */
export const vectorOf = (
  { weights }: Lowering,
  { name }: Node,
  suffix: string,
): Float32Array | undefined => {
  const weight = weights.get(`${name}.${suffix}`);
  return weight && weightNumbers(weight);
};
