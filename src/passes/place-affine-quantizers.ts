import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeOf,
  type ValueId,
  valuesOf,
} from "../graph/graph.js";
import { nodesByName, producerName } from "../graph/producers.js";
import type { ActivationQuantization } from "../graph/quantizers.js";
import { isWeighted } from "../graph/stored-form.js";

/** Kinds whose outputs lie on the grid of their inputs: they move or choose values. */
const KEEPS_GRID: ReadonlySet<Node["kind"]> = new Set([
  "concat",
  "dropout",
  "flatten",
  "maxPool",
  "pad",
  "pixelShuffle",
  "reshape",
  "shuffle",
  "split",
]);

/** Whether the outputs of a node lie on the grid of its inputs. */
export const keepsGrid = (node: Node): boolean =>
  KEEPS_GRID.has(node.kind) ||
  (node.kind === "globalPool" && node.function === "max") ||
  (node.kind === "resize" && node.method === "nearest");

/** Activations that clamp: they run with the node before them, and keep a grid. */
const isClamp = (node: Node | null | undefined): boolean =>
  node?.kind === "activation" && (node.function === "relu" || node.function === "relu6");

/** Kinds that compute in floats even in a quantized net. */
const COMPUTES_IN_FLOATS: ReadonlySet<Node["kind"]> = new Set(["affine", "prelu", "softmax"]);

/** Most bits of an affine quantizer; layers in floats have more. */
const MOST_BITS = 8;

/** Bits of the quantizers of a net. */
export interface AffineBits {
  /** Of the input of a layer, by name; 32 for a layer in floats. */
  readonly input: (layer: string) => number;
  /** Of the values that additions, concatenations, products and mean pools read. */
  readonly joins: number;
}

/** A quantizer to insert after a value. */
interface Place {
  readonly value: ValueId;
  readonly bits: number;
}

interface Placing {
  readonly graph: Graph;
  readonly consumers: ReadonlyMap<ValueId, readonly Consumer[]>;
  readonly byName: ReadonlyMap<string, Node>;
  readonly bits: AffineBits;
}

/** Whether the value before a node is part of what the node computes: norms and clamps follow layers and sums in one pass. */
const runsWithInput = ({ byName, consumers }: Placing, node: Node): boolean => {
  const [input] = node.inputs as [ValueId];
  const producer = byName.get(producerName(input));
  if (!producer || consumers.get(input)?.length !== 1) return false;
  if (node.kind === "batchNorm") return isWeighted(producer);
  return isClamp(node) && (isWeighted(producer) || ["batchNorm", "add"].includes(producer.kind));
};

/** The bits in which the readers of a value need it: the most of all, if they agree on a quantizer. */
const bitsFor = (placing: Placing, node: Node): readonly number[] => {
  const { consumers, bits } = placing;
  if (isWeighted(node)) return [bits.input(node.name)];
  if (!keepsGrid(node) && !isClamp(node)) return [bits.joins];
  if (node.kind === "concat") return [bits.joins];
  const later = valuesOf(node).flatMap((value) =>
    (consumers.get(value) ?? []).flatMap(({ node: next }) =>
      next && !COMPUTES_IN_FLOATS.has(next.kind) ? bitsFor(placing, next) : [],
    ),
  );
  const few = later.filter((each) => each <= MOST_BITS);
  return few.length === 0 ? [] : [Math.max(...few)];
};

/** The bits in which a node reads its inputs; undefined if it takes them as they are. */
const readsWith = (placing: Placing, node: Node): number | undefined => {
  if (COMPUTES_IN_FLOATS.has(node.kind) || runsWithInput(placing, node)) return undefined;
  const bits = bitsFor(placing, node)[0];
  return bits === undefined || bits > MOST_BITS ? undefined : bits;
};

/** Whether a value lies on a grid without a quantizer of its own: that of the values that its producer reads. */
const isOnGrid = (placing: Placing, value: ValueId): boolean => {
  const producer = placing.byName.get(producerName(value));
  if (!producer || runsWithInput(placing, producer)) return false;
  return (keepsGrid(producer) || isClamp(producer)) && readsWith(placing, producer) !== undefined;
};

const nameOf = ({ value, bits }: Place, mostBits: number): string =>
  `${value.replace(":", "/")}/quantized${bits === mostBits ? "" : bits}`;

/**
 * A graph with a quantizer after every value that a quantized node reads, images included: after the norm and the ReLU of a
 * layer or sum, after pools of means and other functions. Values that are only moved or chosen stay on the grid that they
 * have. Layers whose input has 32 bits read the value before the quantizer, and the outputs of the net are not quantized.
 *
 * @param quantizer the quantizer of a value, from its bits
 */
export const placeAffineQuantizers = (
  graph: Graph,
  bits: AffineBits,
  quantizer: (bits: number, value: ValueId) => ActivationQuantization,
): Graph => {
  const placing: Placing = {
    graph,
    consumers: consumersOf(graph),
    byName: nodesByName(graph),
    bits,
  };
  const places = new Map<ValueId, Place[]>();
  const quantized = (value: ValueId, asked: number): string => {
    const own = places.get(value) ?? [];
    const place = own.find((each) => each.bits === asked) ?? { value, bits: asked };
    if (!own.includes(place)) places.set(value, [...own, place]);
    return nameOf(place, bits.joins);
  };
  const rewired = graph.nodes.map((node): Node => {
    const asked = readsWith(placing, node);
    if (asked === undefined) return node;
    const inputs = node.inputs.map((value) =>
      isOnGrid(placing, value) ? value : quantized(value, asked),
    );
    return { ...node, inputs };
  });
  const after = (value: ValueId): NodeOf<"quantize">[] =>
    (places.get(value) ?? []).map((place) => ({
      name: nameOf(place, bits.joins),
      kind: "quantize",
      inputs: [value],
      quantizer: quantizer(place.bits, value),
    }));
  return {
    ...graph,
    nodes: [
      ...graph.inputs.flatMap(({ name }) => after(name)),
      ...rewired.flatMap((node) => [node, ...valuesOf(node).flatMap(after)]),
    ],
  };
};

/** The quantizers of a graph that feed a value without anything in between that leaves their grid. */
export const quantizersBefore = (graph: Graph, value: ValueId): NodeOf<"quantize">[] => {
  const byName = nodesByName(graph);
  const follow = (at: ValueId): NodeOf<"quantize">[] => {
    const producer = byName.get(producerName(at));
    if (!producer) return [];
    if (producer.kind === "quantize") return [producer];
    return keepsGrid(producer) || isClamp(producer) ? producer.inputs.flatMap(follow) : [];
  };
  return follow(value);
};

/**
 * Groups of quantizers, by name, that must share one grid: those of the inputs of a concatenation, and those before and after
 * an average pool. Every quantizer is in one group.
 */
export const sharedGrids = (graph: Graph): readonly (readonly string[])[] => {
  const groupOf = new Map<string, Set<string>>();
  const join = (names: readonly string[]): void => {
    const all = new Set(names.flatMap((name) => [...(groupOf.get(name) ?? [name])]));
    for (const name of all) groupOf.set(name, all);
  };
  const consumers = consumersOf(graph);
  for (const node of graph.nodes) {
    if (node.kind === "quantize") join([node.name]);
    if (node.kind === "concat")
      join(node.inputs.flatMap((value) => quantizersBefore(graph, value).map(({ name }) => name)));
    if (node.kind !== "averagePool") continue;
    const after = (consumers.get(node.name) ?? []).flatMap(({ node: next }) =>
      next?.kind === "quantize" ? [next.name] : [],
    );
    const before = quantizersBefore(graph, node.inputs[0] as ValueId).map(({ name }) => name);
    join([...before, ...after]);
  }
  return [...new Set(groupOf.values())].map((group) => [...group]);
};
