import { consumersOf, type Graph, type Node, type NodeOf, type ValueId } from "../graph/graph.js";
import type { Model, WeightValue } from "../graph/model.js";
import { nodesByName, producerName } from "../graph/producers.js";
import { weightNumbers } from "../quant/numbers/quantized-tensor.js";

type Shuffle = NodeOf<"pixelShuffle">;

/** Whether a node runs with the layer before it. */
const runsWithLayer = (node: Node): boolean =>
  node.kind === "affine" ||
  (node.kind === "activation" && (node.function === "relu" || node.function === "relu6"));

/** A pixel shuffle whose only reader computes each value by itself. */
interface Pair {
  readonly shuffle: Shuffle;
  readonly reader: Node;
}

const firstPair = (graph: Graph): Pair | undefined => {
  const byName = nodesByName(graph);
  const consumers = consumersOf(graph);
  for (const reader of graph.nodes) {
    if (!runsWithLayer(reader)) continue;
    const shuffle = byName.get(producerName(reader.inputs[0] as ValueId));
    if (shuffle?.kind === "pixelShuffle" && consumers.get(shuffle.name)?.length === 1)
      return { shuffle, reader };
  }
  return undefined;
};

const swapped = (graph: Graph, { shuffle, reader }: Pair): Graph => {
  const source = (value: ValueId): ValueId => (value === reader.name ? shuffle.name : value);
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (node === shuffle) return [];
    if (node === reader)
      return [
        { ...reader, inputs: shuffle.inputs },
        { ...shuffle, inputs: [reader.name] },
      ];
    return [{ ...node, inputs: node.inputs.map(source) }];
  });
  const outputs = graph.outputs.map((output) => ({ ...output, value: source(output.value) }));
  return { ...graph, nodes, outputs };
};

/** A vector of one number per channel, for the channels that a shuffle by `factor` makes pixels of. */
const repeated = (vector: WeightValue, factor: number): WeightValue => {
  const numbers = weightNumbers(vector);
  const area = factor ** 2;
  const values = Float32Array.from(
    { length: numbers.length * area },
    (_, channel) => numbers[Math.floor(channel / area)] as number,
  );
  return { kind: "float", shape: [values.length], values };
};

/**
 * A model in which ReLUs and scales and shifts after a pixel shuffle come before it, where they run with the layer that computes the
 * pixels. It computes the same. Other activations read codes, which a shuffle moves.
 */
export const withShufflesLast = (model: Model): Model => {
  const weights = new Map(model.weights);
  let { graph } = model;
  for (let pair = firstPair(graph); pair; pair = firstPair(graph)) {
    const { reader, shuffle } = pair;
    if (reader.kind === "affine")
      for (const tensor of [`${reader.name}.scale`, `${reader.name}.threshold`])
        weights.set(tensor, repeated(weights.get(tensor) as WeightValue, shuffle.factor));
    graph = swapped(graph, pair);
  }
  return { graph, weights };
};
