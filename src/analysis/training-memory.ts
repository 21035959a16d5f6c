import { FLOAT_BYTES } from "../base/float-bytes.js";
import { graphCost } from "../graph/cost.js";
import {
  type Graph,
  type Node,
  type NodeInGraph,
  type NodeKind,
  nodesInGraph,
} from "../graph/graph.js";
import { nodesByName, producerName } from "../graph/producers.js";
import { type Shape, sizeOf } from "../graph/shape.js";
import { isWeighted } from "../graph/stored-form.js";

/** The memory of a training run, besides its images. */
export interface TrainingMemory {
  /** Engine, program and libraries, for any net. */
  readonly programBytes: number;
  /** Weights, gradients, the optimizer's moments, and copies for testing and writing. */
  readonly weightBytes: number;
  /** Bytes of a training step per image of its batch. */
  readonly bytesPerTrainedImage: number;
  /** Bytes of a test per image of its batch. */
  readonly bytesPerTestedImage: number;
}

/** Node and TensorFlow with an empty net, as measured. */
const PROGRAM_BYTES = 490e6;
/** Value, gradient, two moments; the value and its quantized form during tests. */
const WEIGHT_COPIES = 6;
/**
 * Copies of the largest map, as measured. In a step: gradients and recomputed outputs, besides what the step keeps (which is
 * freed as gradients are computed). In a test: the input and output of a convolution, and its internal memory.
 */
const STEP_COPIES = 1.5;
const TEST_COPIES = 2.6;

/** Nodes between a norm and the layer that it prepares, which the backward pass recomputes with the norm. */
const RECOMPUTED: ReadonlySet<NodeKind> = new Set(["activation", "quantize", "shuffle"]);

type ProducerOf = (node: Node) => Node | undefined;

/** Whether the input of a node directly follows a norm; the backward pass then recomputes it instead of keeping it. */
const isAfterNorm = (producerOf: ProducerOf, node: Node): boolean => {
  const producer = producerOf(node);
  if (!producer) return false;
  if (producer.kind === "batchNorm") return true;
  return RECOMPUTED.has(producer.kind) && isAfterNorm(producerOf, producer);
};

const inputSizes = ({ inputs }: NodeInGraph): number =>
  inputs.reduce((sum, shape) => sum + sizeOf(shape), 0);

const outputSize = ({ outputs: [y] }: NodeInGraph): number => sizeOf(y as Shape);

/** The number of values that a step keeps for the backward pass of a node. */
const keptBy = (placed: NodeInGraph, producerOf: ProducerOf): number => {
  const { node } = placed;
  const producer = producerOf(node);
  switch (node.kind) {
    case "conv":
    case "dense":
      return outputSize(placed) + (isAfterNorm(producerOf, node) ? 0 : inputSizes(placed));
    case "batchNorm":
      // The output of a layer counts there.
      return producer && isWeighted(producer) ? 0 : inputSizes(placed);
    case "activation":
    case "prelu":
    case "quantize":
      return producer && (isWeighted(producer) || isAfterNorm(producerOf, node))
        ? 0
        : outputSize(placed);
    case "multiply":
      return inputSizes(placed);
    case "softmax":
      return outputSize(placed);
    default:
      return 0;
  }
};

/** Nodes whose outputs may be the largest of a net. */
const MAKES_MAPS: ReadonlySet<NodeKind> = new Set([
  "conv",
  "dense",
  "add",
  "concat",
  "multiply",
  "resize",
]);

const largestOf = (nodes: readonly NodeInGraph[]): number =>
  Math.max(
    ...nodes
      .filter(({ node }) => MAKES_MAPS.has(node.kind))
      .flatMap(({ inputs, outputs }) => [...inputs, ...outputs].map(sizeOf)),
  );

/**
 * Estimates the memory of training a net from its graph alone. For its backward pass a step keeps the outputs of layers, the
 * inputs of other norms, the inputs of layers that do not directly follow a norm, and copies of the largest map.
 * docs/own-images.md compares the estimate with measured runs.
 */
export const trainingMemory = (graph: Graph): TrainingMemory => {
  const named = nodesByName(graph);
  const producerOf: ProducerOf = ({ inputs: [value = ""] }) => named.get(producerName(value));
  const nodes = nodesInGraph(graph);
  const kept = nodes.reduce((sum, placed) => sum + keptBy(placed, producerOf), 0);
  const largest = largestOf(nodes);
  return {
    programBytes: PROGRAM_BYTES,
    weightBytes: WEIGHT_COPIES * graphCost(graph).bytes,
    bytesPerTrainedImage: FLOAT_BYTES * (kept + STEP_COPIES * largest),
    bytesPerTestedImage: FLOAT_BYTES * TEST_COPIES * largest,
  };
};
