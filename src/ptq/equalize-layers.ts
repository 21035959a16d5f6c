import { consumersOf, type Graph, type Node, type ValueId } from "../graph/graph.js";
import type { Model, WeightValue } from "../graph/model.js";
import { nodesByName, producerName } from "../graph/producers.js";
import { isWeighted, type WeightedNode } from "../graph/stored-form.js";
import { weightNumbers } from "../quant/numbers/quantized-tensor.js";

/** Sweeps over all pairs; the factors of a chain settle in a few. */
const SWEEPS = 20;
/** Factors that differ less from 1 change nothing. */
const SETTLED = 1e-3;

/** A layer, and the only layer that reads its outputs, possibly after a ReLU. */
interface Pair {
  readonly first: WeightedNode;
  readonly second: WeightedNode;
}

/** Whether a node passes positive factors of its channels on. */
const passesFactors = (node: Node): boolean =>
  node.kind === "activation" && (node.function === "relu" || node.function === "relu6");

const pairsOf = (graph: Graph): Pair[] => {
  const byName = nodesByName(graph);
  const consumers = consumersOf(graph);
  const isOnly = (value: ValueId): boolean => consumers.get(value)?.length === 1;
  return graph.nodes.flatMap((second) => {
    if (!isWeighted(second)) return [];
    let value = second.inputs[0] as ValueId;
    let before = byName.get(producerName(value));
    while (before && isOnly(value) && passesFactors(before)) {
      value = before.inputs[0] as ValueId;
      before = byName.get(producerName(value));
    }
    return before && isOnly(value) && isWeighted(before) ? [{ first: before, second }] : [];
  });
};

/** The largest magnitude of the weights by channel; `channelOf` gives that of the weight at an index. */
const largestBy = (
  values: Float32Array,
  channels: number,
  channelOf: (index: number) => number,
): Float64Array => {
  const largest = new Float64Array(channels);
  for (let index = 0; index < values.length; index++) {
    const channel = channelOf(index);
    largest[channel] = Math.max(largest[channel] as number, Math.abs(values[index] as number));
  }
  return largest;
};

/** The input channel of the weight at an index of a kernel [out, in / groups, kh, kw]. */
const inputChannel =
  (node: WeightedNode, shape: readonly number[]): ((index: number) => number) =>
  (index) => {
    const [filters, perGroup, kh = 1, kw = 1] = shape as [number, number, number?, number?];
    const area = kh * kw;
    const filter = Math.floor(index / (perGroup * area));
    const groups = node.kind === "conv" ? node.groups : 1;
    const group = Math.floor((filter * groups) / filters);
    return group * perGroup + (Math.floor(index / area) % perGroup);
  };

/** Equalizes a pair in place and returns the largest change of a channel. */
const equalizePair = (
  { first, second }: Pair,
  weights: Map<string, { values: Float32Array; shape: readonly number[] }>,
): number => {
  const read = (name: string) => weights.get(name) as { values: Float32Array; shape: number[] };
  const [one, bias, two] = [
    read(`${first.name}.weight`),
    read(`${first.name}.bias`),
    read(`${second.name}.weight`),
  ];
  const channels = one.shape[0] as number;
  const size = one.values.length / channels;
  const filterOf = (index: number): number => Math.floor(index / size);
  const inputOf = inputChannel(second, two.shape);
  const [range1, range2] = [
    largestBy(one.values, channels, filterOf),
    largestBy(two.values, channels, inputOf),
  ];
  const factors = range1.map((range, channel) => {
    const other = range2[channel] as number;
    return range > 0 && other > 0 ? Math.sqrt(range / other) : 1;
  });
  const factor = (channel: number): number => factors[channel] as number;
  one.values.forEach((value, index) => {
    one.values[index] = value / factor(filterOf(index));
  });
  bias.values.forEach((value, index) => {
    bias.values[index] = value / factor(index);
  });
  two.values.forEach((value, index) => {
    two.values[index] = value * factor(inputOf(index));
  });
  return factors.reduce((most, each) => Math.max(most, Math.abs(Math.log(each))), 0);
};

/**
 * Cross-layer equalization (Nagel et al. 2019, section 4.1): between a layer and the only one that reads it, also after a
 * ReLU, every channel is divided by s before and multiplied by s after, s = sqrt(r1 / r2) with the largest weights r1 and r2 of
 * the channel in both; then both are sqrt(r1 r2). Pairs are visited until nothing changes. A ReLU6 between them becomes a
 * ReLU, as in the paper: only then the factors cancel. Everything else computes the same.
 *
 * @param model a model in full precision whose layers have biases (see foldedModel)
 */
export const equalizeLayers = ({ graph, weights }: Model): Model => {
  const pairs = pairsOf(graph);
  const numbers = new Map(
    [...weights].map(([name, value]: [string, WeightValue]) => [
      name,
      { values: Float32Array.from(weightNumbers(value)), shape: value.shape },
    ]),
  );
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const changes = pairs.map((pair) => equalizePair(pair, numbers));
    if (Math.max(0, ...changes) < SETTLED) break;
  }
  const equalized = new Set(pairs.map(({ second }) => second.inputs[0]));
  const nodes = graph.nodes.map(
    (node): Node =>
      node.kind === "activation" && node.function === "relu6" && equalized.has(node.name)
        ? { ...node, function: "relu" }
        : node,
  );
  return {
    graph: { ...graph, nodes },
    weights: new Map([...numbers].map(([name, value]) => [name, { kind: "float", ...value }])),
  };
};
