import { consumersOf, type Graph, type Node, type NodeOf, type ValueId } from "../graph/graph.js";
import { nodesByName, producerName } from "../graph/producers.js";
import {
  type ActivationQuantization,
  isAffine,
  isFloat,
  isFullPrecision,
  type Quantization,
} from "../graph/quantizers.js";
import { isWeighted } from "../graph/stored-form.js";
import { layerPrecisions, type PlacementRules } from "./layer-precisions.js";
import { placeAffineQuantizers } from "./place-affine-quantizers.js";
import { removeNodes } from "./remove-nodes.js";
import { nonNegativeValues } from "./value-signs.js";
import { withoutUnused } from "./without-unused.js";

/** The factor before the clamp that maps the range of a ReLU6, 0 to 6, to 0 to 1. */
const RELU6_SCALE = 1 / 6;

const FLOAT_BITS = 32;
/** Bits of what additions, concatenations and mean pools read in a net of affine quantizers. */
const JOIN_BITS = 8;

/** Kinds that a quantizer can precede as well as follow: they only move or choose values. */
const MOVES_VALUES: ReadonlySet<Node["kind"]> = new Set(["flatten", "maxPool", "shuffle"]);

/** Where a quantizer is placed. */
interface Placing {
  /** The value that it reads. */
  readonly value: ValueId;
  /** The activation whose place it takes. */
  readonly replaces: NodeOf<"activation"> | null;
}

/** A graph under quantization. */
interface Quantizing {
  readonly byName: ReadonlyMap<string, Node>;
  readonly consumers: ReturnType<typeof consumersOf>;
  readonly nonNegative: ReadonlySet<ValueId>;
}

/** Whether a quantizer takes the place of the activation before it: signs of what a ReLU leaves would all be the same. */
const isSign = ({ kind }: ActivationQuantization): boolean =>
  kind === "binary" || kind === "ternary";

/**
 * The place for the quantizer of a layer's input: before pools, shuffles and flattening, so that it directly follows norm and activation
 * and these handle quantized values.
 */
const placeFor = (
  { byName, consumers }: Quantizing,
  input: ValueId,
  quantizer: ActivationQuantization,
): Placing => {
  let value = input;
  for (;;) {
    const producer = byName.get(producerName(value));
    if (!producer || !MOVES_VALUES.has(producer.kind) || consumers.get(value)?.length !== 1) break;
    value = producer.inputs[0] as ValueId;
  }
  const producer = byName.get(producerName(value));
  return isSign(quantizer) && producer?.kind === "activation"
    ? { value: producer.inputs[0] as ValueId, replaces: producer }
    : { value, replaces: null };
};

/** A quantizer for a value: DoReFa adapts to values that may be negative, and to the range of a ReLU6. */
const adapted = (
  { byName, nonNegative }: Quantizing,
  value: ValueId,
  quantizer: ActivationQuantization,
): ActivationQuantization => {
  if (quantizer.kind !== "dorefa") return quantizer;
  const producer = byName.get(producerName(value));
  if (producer?.kind === "activation" && producer.function === "relu6")
    return { ...quantizer, scale: RELU6_SCALE };
  return nonNegative.has(value) ? quantizer : { ...quantizer, isSigned: true };
};

/** A quantizer to insert. */
interface Insertion {
  readonly node: NodeOf<"quantize">;
  /** The values whose consumers read the quantized value instead, as [consumer, index of its input]. */
  readonly readers: [string, number][];
}

/** A function that returns quantize1, quantize2, … without the names that a graph already has. */
const freeNames = (graph: Graph): (() => string) => {
  const taken = nodesByName(graph);
  let last = 0;
  return () => {
    do last++;
    while (taken.has(`quantize${last}`));
    return `quantize${last}`;
  };
};

/** The quantizers that the layers of a graph need; layers with the same input and quantizer share one. */
const insertionsOf = (
  graph: Graph,
  precisions: ReadonlyMap<string, Quantization>,
): readonly Insertion[] => {
  const quantizing: Quantizing = {
    byName: nodesByName(graph),
    consumers: consumersOf(graph),
    nonNegative: nonNegativeValues(graph),
  };
  const found = new Map<string, Insertion>();
  const nextName = freeNames(graph);
  for (const node of graph.nodes) {
    const asked = precisions.get(node.name)?.activations;
    if (!isWeighted(node) || !asked || isFloat(asked)) continue;
    const place = placeFor(quantizing, node.inputs[0] as ValueId, asked);
    const quantizer = adapted(quantizing, place.value, asked);
    const key = JSON.stringify([place.value, quantizer]);
    const readsAt = readerOf(quantizing, node, place);
    const known = found.get(key);
    if (known) {
      if (!known.readers.some(([name, at]) => name === readsAt[0] && at === readsAt[1]))
        known.readers.push(readsAt);
      continue;
    }
    found.set(key, {
      node: {
        name: nextName(),
        kind: "quantize",
        inputs: [place.value],
        quantizer,
        ...(place.replaces && { replaces: place.replaces.function }),
      },
      readers: [readsAt],
    });
  }
  return [...found.values()];
};

/** The input that reads the quantized value: that of the layer, or of the pool or shuffle between quantizer and layer. */
const readerOf = (
  { byName }: Quantizing,
  layer: Node,
  { value, replaces }: Placing,
): [string, number] => {
  let reader = layer;
  const end = replaces?.name ?? value;
  for (;;) {
    const input = reader.inputs[0] as ValueId;
    const producer = byName.get(producerName(input));
    if (input === end || !producer) return [reader.name, 0];
    reader = producer;
  }
};

/** A graph with quantizers inserted, each after the node that computes what it quantizes. */
const insert = (graph: Graph, insertions: readonly Insertion[]): Graph => {
  const redirected = new Map<string, string>();
  const after = new Map<string, NodeOf<"quantize">[]>();
  for (const { node, readers } of insertions) {
    for (const [name, index] of readers) redirected.set(`${name} ${index}`, node.name);
    const producer = producerName(node.inputs[0] as ValueId);
    after.set(producer, [...(after.get(producer) ?? []), node]);
  }
  const rewired = (node: Node): Node => ({
    ...node,
    inputs: node.inputs.map((value, index) => redirected.get(`${node.name} ${index}`) ?? value),
  });
  const atStart = graph.inputs.flatMap(({ name }) => after.get(name) ?? []);
  const nodes = graph.nodes.flatMap((node) => [rewired(node), ...(after.get(node.name) ?? [])]);
  return withoutUnused({ ...graph, nodes: [...atStart, ...nodes] });
};

/** A node without quantization: quantized weights are float, and a quantizer is the activation whose place it took. */
const floatNode = (node: Node): Node => {
  if (isWeighted(node)) return { ...node, quantizer: { kind: "float" } };
  if (node.kind !== "quantize" || node.replaces === undefined) return node;
  const { name, inputs, replaces } = node;
  return { name, kind: "activation", function: replaces, inputs };
};

/** A graph whose weights and activations have full precision: the inverse of {@link quantizeGraph}. */
export const floatGraph = (graph: Graph): Graph => {
  const nodes = graph.nodes.map(floatNode);
  const quantizers = nodes.filter(({ kind }) => kind === "quantize").map(({ name }) => name);
  return removeNodes({ ...graph, nodes }, new Set(quantizers));
};

/** A graph with affine quantizers of every value that a quantized node reads (see placeAffineQuantizers). */
const affineGraph = (
  graph: Graph,
  { activations }: Quantization,
  precisions: ReadonlyMap<string, Quantization>,
): Graph => {
  const nodes = graph.nodes.map((node) =>
    isWeighted(node)
      ? { ...node, quantizer: (precisions.get(node.name) as Quantization).weights }
      : node,
  );
  const quantized = { ...graph, nodes };
  if (activations.kind !== "affine") return quantized;
  const bitsOf = (layer: string): number => {
    const own = precisions.get(layer)?.activations;
    return own?.kind === "affine" ? own.bits : FLOAT_BITS;
  };
  const bits = { input: bitsOf, joins: JOIN_BITS };
  return placeAffineQuantizers(quantized, bits, (own) => ({ ...activations, bits: own }));
};

/**
 * A graph whose layers have the weight quantizers of a quantization, and quantizers before their inputs:
 * - directly after norm and activation, before pools and shuffles, so that these handle quantized values
 * - shared by all layers that read one value; an addition reads the value before it
 * - in the place of the activation for binary and ternary activations
 * - for affine quantizers, after every value that a layer, an addition, a concatenation or a mean reads
 * - signed for DoReFa where no activation makes the values non-negative, with the factor 1 / 6 after a ReLU6
 * `rules` decides which layers get which bits (see layerPrecisions). Existing quantizers are replaced.
 */
export const quantizeGraph = (graph: Graph, net: Quantization, rules: PlacementRules): Graph => {
  const float = floatGraph(graph);
  const precisions = layerPrecisions(float, net, rules);
  if ([...precisions.values()].every(isFullPrecision)) return float;
  if (isAffine(net)) return affineGraph(float, net, precisions);
  const nodes = float.nodes.map((node) =>
    isWeighted(node)
      ? { ...node, quantizer: (precisions.get(node.name) as Quantization).weights }
      : node,
  );
  return insert({ ...float, nodes }, insertionsOf(float, precisions));
};
