import { FLOAT_BYTES } from "../base/float-bytes.js";
import { factsOf, type Graph, type NodeInGraph, nodesInGraph, parametersOf } from "./graph.js";
import { isTrained } from "./kinds/kind.js";
import { sizeOf } from "./shape.js";

/** The storage and computation that a net needs. */
export interface NetCost {
  /** Number of trained numbers: kernels, biases, gammas, betas and slopes. */
  readonly parameters: number;
  /** Multiply-accumulate operations of convolutions and dense layers, for one image. */
  readonly macs: number;
  /** Bytes of the state dict as float32: parameters and running statistics. */
  readonly bytes: number;
}

/**
 * Multiply-accumulate operations of a node, for one image.
 * Example: a 3x3 convolution from 8 to 16 channels in 2 groups on a 10x10 map has 10 * 10 * 16 * 4 * 9.
 */
export const macsOf = ({ node, inputs, outputs }: NodeInGraph): number =>
  factsOf(node).macs?.(node, inputs, outputs) ?? 0;

/** Parameters, MACs and float32 bytes of a net, from its graph alone. */
export const graphCost = (graph: Graph): NetCost => {
  const cost = { parameters: 0, macs: 0, bytes: 0 };
  for (const placed of nodesInGraph(graph)) {
    cost.macs += macsOf(placed);
    for (const parameter of parametersOf(placed)) {
      const size = sizeOf(parameter.shape);
      if (isTrained(parameter)) cost.parameters += size;
      // A counter is an integer, and scales of merged DoReFa kernels are redundant.
      if (parameter.role !== "counter" && parameter.role !== "kernelScale")
        cost.bytes += FLOAT_BYTES * size;
    }
  }
  return cost;
};
