import {
  type Consumer,
  channelRelation,
  consumersOf,
  type Graph,
  type NodeInGraph,
  type NodeOf,
  nodesInGraph,
  type ValueId,
} from "../../graph/graph.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { nodesByName, producerName } from "../../graph/producers.js";
import { isFloat } from "../../graph/quantizers.js";
import { channelsOf, type Shape, sizeOf } from "../../graph/shape.js";
import { isWeighted, type WeightedNode, weightedNodes } from "../../graph/stored-form.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import type { KeptChannels } from "../plan/plan.js";
import { type Constants, constantChannels, type Obstacle, worst } from "./constant-channels.js";

/** Why the constants of pruned channels were not folded into a bias: it would not be exact, or was not requested. */
export type DroppedBecause = Obstacle | "unwanted";

/** What became of the constant outputs of pruned channels that one layer reads. */
export interface ConstantReport {
  /** The layers that compute the channels, in the graph's order. */
  readonly from: readonly string[];
  /** Index of the first of them among the convolutions and dense layers of the graph. */
  readonly conv: number;
  /** The layer that reads the channels. */
  readonly into: string;
  /** Pruned channels with a constant output other than 0. */
  readonly channels: number;
  /** The tensor that took them: the layer's bias, or the running mean of its norm; undefined if they were dropped. */
  readonly foldedInto: string | undefined;
  readonly droppedBecause: DroppedBecause | undefined;
  /** Largest change of an output of the layer, in standard deviations of that output; null without a norm after it. */
  readonly effect: number | null;
}

/** A layer that reads pruned channels. */
interface Reader {
  readonly node: WeightedNode;
  readonly kernel: WeightValue;
  readonly inputs: number;
  /** Its norm, if nothing else reads its output. */
  readonly norm: NodeOf<"batchNorm"> | undefined;
}

/** The sum of each filter's weights times the constants of its inputs. */
const constantOutputs = (
  { node, kernel, inputs }: Reader,
  constants: ReadonlyMap<number, number>,
): Float64Array => {
  const weights = weightNumbers(kernel);
  const filters = kernel.shape[0] as number;
  const groups = node.kind === "conv" ? node.groups : 1;
  const [perGroup, area] = [inputs / groups, sizeOf(kernel.shape.slice(2))];
  const sums = new Float64Array(filters);
  for (const [position, value] of constants) {
    const group = Math.floor(position / perGroup);
    const local = position - group * perGroup;
    for (
      let filter = (group * filters) / groups;
      filter < ((group + 1) * filters) / groups;
      filter++
    ) {
      const start = (filter * perGroup + local) * area;
      for (let tap = start; tap < start + area; tap++)
        sums[filter] = (sums[filter] as number) + (weights[tap] as number) * value;
    }
  }
  return sums;
};

const obstacleAt = ({ node }: Reader): Obstacle | undefined => {
  if (!isFloat(node.quantizer)) return "quantization";
  return node.kind === "conv" && node.padding.some((border) => border > 0) ? "padding" : undefined;
};

/** The constants other than 0 by what keeps them from being folded into a layer. */
const byObstacle = (
  constants: Constants,
  reader: Reader,
): Map<Obstacle | undefined, Map<number, number>> => {
  const sorted = new Map<Obstacle | undefined, Map<number, number>>();
  for (const [channel, { value, obstacle }] of constants) {
    if (value === 0) continue;
    const why = worst([obstacle, obstacleAt(reader)]);
    const own = sorted.get(why) ?? new Map<number, number>();
    sorted.set(why, own.set(channel, value));
  }
  return sorted;
};

/** The layers whose outputs reach a value without another layer in between. */
const layersBefore = (graph: Graph, value: ValueId): Set<string> => {
  const byName = nodesByName(graph);
  const [found, seen, open] = [new Set<string>(), new Set<string>(), [producerName(value)]];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = byName.get(name);
    if (!node || seen.has(name)) continue;
    seen.add(name);
    if (isWeighted(node)) found.add(name);
    else open.push(...node.inputs.map(producerName));
  }
  return found;
};

const readerOf = (
  model: Model,
  { node, inputs: [x] }: NodeInGraph<WeightedNode>,
  consumers: ReadonlyMap<ValueId, readonly Consumer[]>,
): Reader => {
  const [first, ...others] = consumers.get(node.name) ?? [];
  const norm = others.length === 0 && first?.node?.kind === "batchNorm" ? first.node : undefined;
  const kernel = model.weights.get(`${node.name}.weight`) as WeightValue;
  return { node, kernel, inputs: channelsOf(x as Shape), norm };
};

const floats = (weights: Model["weights"], name: string): Float32Array | undefined => {
  const found = weights.get(name);
  return found && weightNumbers(found);
};

const effectOf = (
  { weights }: Model,
  { node, norm }: Reader,
  sums: Float64Array,
  channels: KeptChannels,
): number | null => {
  const variances = norm && floats(weights, `${norm.name}.running_var`);
  if (!norm || !variances) return null;
  const staying = channels.get(node.name) ?? [...sums.keys()];
  return Math.max(
    ...staying.map(
      (filter) =>
        Math.abs(sums[filter] as number) / Math.sqrt((variances[filter] as number) + norm.epsilon),
    ),
  );
};

/** Adds numbers to a layer's bias, or subtracts them from the running mean of its norm. Returns the tensor's name. */
const addToOutputs = (
  weights: Map<string, WeightValue>,
  { node, norm }: Reader,
  sums: Float64Array,
): string => {
  const usesMean = !node.hasBias && norm !== undefined;
  const name = usesMean ? `${norm.name}.running_mean` : `${node.name}.bias`;
  const before = floats(weights, name) ?? new Float32Array(sums.length);
  const sign = usesMean ? -1 : 1;
  const values = before.map((value, filter) => value + sign * (sums[filter] as number));
  weights.set(name, { kind: "float", shape: [values.length], values });
  return name;
};

/** Layers that have a tensor for a bias have one as their attribute, too. */
const withBiases = ({ graph, weights }: Model): Model => ({
  graph: {
    ...graph,
    nodes: graph.nodes.map((node) =>
      isWeighted(node) && !node.hasBias && weights.has(`${node.name}.bias`)
        ? { ...node, hasBias: true }
        : node,
    ),
  },
  weights,
});

/**
 * Folds the constant outputs of pruned channels into the layers that read them, where that is exact: where nothing between
 * them depends on a border, in layers without padding and with full precision. Elsewhere the constants are dropped, as the
 * reference scripts drop all of them. It takes the model before its channels are removed (see pruneWeights). Where
 * everything is folded, the small net equals the large one whose pruned channels have filters and gammas of 0.
 * Example: a pruned channel with beta 0.5 that a 1x1 filter weights with -2 adds -1 to the filter's bias.
 */
export const foldConstants = (
  model: Model,
  channels: KeptChannels,
  isWanted = true,
): { readonly model: Model; readonly reports: readonly ConstantReport[] } => {
  const { graph } = model;
  const [constants, consumers] = [constantChannels(model, channels), consumersOf(graph)];
  const weights = new Map(model.weights);
  const order = weightedNodes(graph).map(({ name }) => name);
  const reports = nodesInGraph(graph).flatMap(({ node, ...shapes }): ConstantReport[] => {
    const [input = ""] = node.inputs;
    const own = constants.get(input);
    if (!own || !isWeighted(node) || channelRelation({ node, ...shapes }).kind !== "mixes")
      return [];
    const reader = readerOf(model, { node, ...shapes }, consumers);
    const before = layersBefore(graph, input);
    const from = order.filter((name) => before.has(name));
    return [...byObstacle(own, reader)].map(([obstacle, values]) => {
      const sums = constantOutputs(reader, values);
      const droppedBecause = isWanted ? obstacle : "unwanted";
      return {
        from,
        conv: order.indexOf(from[0] ?? ""),
        into: node.name,
        channels: values.size,
        foldedInto: droppedBecause ? undefined : addToOutputs(weights, reader, sums),
        droppedBecause,
        effect: effectOf(model, reader, sums, channels),
      };
    });
  });
  return { model: withBiases({ graph, weights }), reports };
};
