import { macsOf } from "../graph/cost.js";
import { type Graph, nodesInGraph, type ValueId } from "../graph/graph.js";
import { inputQuantizer } from "../graph/input-quantizer.js";
import { gridOf } from "../graph/model.js";
import type { ActivationQuantization, WeightQuantization } from "../graph/quantizers.js";
import { isWeighted } from "../graph/stored-form.js";

/** Bits of a number that is not quantized. */
export const FLOAT_BITS = 32;
const TERNARY_BITS = 2;

/** The bits and operations of a convolution or dense layer, for one image. */
export interface LayerArithmetic {
  readonly weightBits: number;
  /** Bits of its input: the quantized activations, or float. */
  readonly inputBits: number;
  /** Multiply-accumulate operations. */
  readonly macs: number;
  /** The MACs with 1-bit weights and 1-bit inputs; hardware can compute these without multiplications. */
  readonly binaryOps: number;
}

const weightBits = (weights: WeightQuantization): number => {
  const grid = gridOf(weights);
  if (!grid) return FLOAT_BITS;
  if (grid.kind !== "sign") return grid.bits;
  return weights.kind === "ternary" ? TERNARY_BITS : 1;
};

/** Bits of a quantized activation; a sign counts as one bit, although it is 0 at 0. */
export const activationBits = (activations: ActivationQuantization): number => {
  switch (activations.kind) {
    case "float":
      return FLOAT_BITS;
    case "dorefa":
    case "affine":
      return activations.bits;
    case "binary":
      return 1;
    case "ternary":
      return TERNARY_BITS;
  }
};

/**
 * Bits and operations of every convolution and dense layer by its name, from the graph alone. Inputs are as quantized,
 * although a pool or dropout after their quantizer may leave its levels.
 */
export const layerArithmetic = (graph: Graph): ReadonlyMap<string, LayerArithmetic> => {
  const layers = new Map<string, LayerArithmetic>();
  for (const placed of nodesInGraph(graph)) {
    const { node } = placed;
    if (!isWeighted(node)) continue;
    const inputs = inputQuantizer(graph, node.inputs[0] as ValueId);
    const bits = {
      weightBits: weightBits(node.quantizer),
      inputBits: inputs ? activationBits(inputs) : FLOAT_BITS,
    };
    const macs = macsOf(placed);
    const isBinary = bits.weightBits === 1 && bits.inputBits === 1;
    layers.set(node.name, { ...bits, macs, binaryOps: isBinary ? macs : 0 });
  }
  return layers;
};
