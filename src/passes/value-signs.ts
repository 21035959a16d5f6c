import type { Graph, Node, ValueId } from "../graph/graph.js";
import { valuesOf } from "../graph/graph.js";

const NEVER_NEGATIVE: ReadonlySet<string> = new Set(["relu", "relu6", "sigmoid", "hardSigmoid"]);

/** Whether the outputs of a node are never negative if none of the inputs that `isKnown` marks is. */
const isNonNegative = (node: Node, isKnown: (value: ValueId) => boolean): boolean => {
  switch (node.kind) {
    case "activation":
      return NEVER_NEGATIVE.has(node.function) || node.inputs.every(isKnown);
    case "softmax":
      return true;
    case "quantize":
      return (
        (node.quantizer.kind === "binary" && node.quantizer.values === "zero-one") ||
        node.inputs.every(isKnown)
      );
    case "pad":
      return node.value >= 0 && node.inputs.every(isKnown);
    case "add":
    case "averagePool":
    case "concat":
    case "dropout":
    case "flatten":
    case "globalPool":
    case "maxPool":
    case "multiply":
    case "pixelShuffle":
    case "reshape":
    case "resize":
    case "shuffle":
    case "split":
      return node.inputs.every(isKnown);
    case "affine":
    case "batchNorm":
    case "conv":
    case "dense":
    case "prelu":
      return false;
  }
};

/** The values of a graph that are never negative, because of the activations that they went through. */
export const nonNegativeValues = ({ nodes }: Graph): ReadonlySet<ValueId> => {
  const known = new Set<ValueId>();
  for (const node of nodes) {
    if (!isNonNegative(node, (value) => known.has(value))) continue;
    for (const value of valuesOf(node)) known.add(value);
  }
  return known;
};
