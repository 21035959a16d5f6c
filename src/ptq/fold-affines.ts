import { biasOf, foldBefore, replaceLayer } from "../bnmerge/fold-into-weights.js";
import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeOf,
  type ValueId,
} from "../graph/graph.js";
import type { FloatTensor, Model, WeightValue } from "../graph/model.js";
import { isWeighted, type WeightedNode } from "../graph/stored-form.js";
import { removeNodes } from "../passes/remove-nodes.js";
import { scaleFilters, weightNumbers } from "../quant/numbers/quantized-tensor.js";

type Affine = NodeOf<"affine">;

/** scale x - threshold of each channel. */
interface Numbers {
  readonly scale: Float32Array;
  readonly threshold: Float32Array;
}

/** A graph whose scales and shifts are being folded. */
interface Folding {
  /** By name, as they are so far. */
  readonly nodes: Map<string, Node>;
  readonly weights: Map<string, WeightValue>;
  /** Who reads a value, without the nodes that are folded already. */
  readonly consumers: Map<ValueId, readonly Consumer[]>;
  /** What is read instead of a folded node. */
  readonly sources: Map<string, ValueId>;
}

const numbersOf = ({ weights }: Folding, { name }: Affine): Numbers => ({
  scale: weightNumbers(weights.get(`${name}.scale`) as WeightValue),
  threshold: weightNumbers(weights.get(`${name}.threshold`) as WeightValue),
});

const isUniform = (numbers: Float32Array): boolean =>
  numbers.every((number) => number === numbers[0]);

/** The layer whose outputs a node alone reads. */
const layerBefore = (folding: Folding, source: ValueId): WeightedNode | undefined => {
  const { nodes, consumers } = folding;
  const layer = nodes.get(source);
  return layer && isWeighted(layer) && consumers.get(source)?.length === 1 ? layer : undefined;
};

/**
 * The layers after a node, if nothing else reads it and they could read its input instead. Their padding is 0 after the node, so
 * that a shift cannot be folded into a padded one.
 */
const layersAfter = (
  { nodes, consumers }: Folding,
  name: string,
  { threshold }: Numbers,
): readonly WeightedNode[] => {
  const readers = (consumers.get(name) ?? []).map(({ node }) => nodes.get(node?.name ?? ""));
  const isShifted = threshold.some((each) => each !== 0);
  const canRead = (node: Node | undefined): node is WeightedNode =>
    node !== undefined &&
    isWeighted(node) &&
    !(isShifted && node.kind === "conv" && node.padding.some((border) => border > 0));
  return readers.every(canRead) ? readers : [];
};

const foldIntoLayer = (folding: Folding, layer: WeightedNode, numbers: Numbers): void => {
  const kernel = folding.weights.get(`${layer.name}.weight`) as WeightValue;
  const { scale, threshold } = numbers;
  const bias = biasOf(folding, layer, scale.length).map(
    (each, filter) => each * (scale[filter] as number) - (threshold[filter] as number),
  );
  replaceLayer(folding, layer, { kernel: scaleFilters(kernel, [...scale]), bias });
};

const foldIntoReader = (folding: Folding, node: WeightedNode, numbers: Numbers): void => {
  const kernel = folding.weights.get(`${node.name}.weight`) as FloatTensor;
  const bias = biasOf(folding, node, kernel.shape[0] as number);
  const thresholds = [...numbers.scale].map((scale, channel) => ({
    scale,
    threshold: numbers.threshold[channel] as number,
  }));
  replaceLayer(folding, node, foldBefore({ node, kernel }, bias, thresholds));
};

const foldAffine = (folding: Folding, affine: Affine): void => {
  const { name, inputs } = affine;
  const { weights, sources, consumers } = folding;
  let source = inputs[0] as ValueId;
  for (let next = sources.get(source); next !== undefined; next = sources.get(source))
    source = next;
  const numbers = numbersOf(folding, affine);
  const before = layerBefore(folding, source);
  // Different scales would unbalance the weights of each filter.
  const after = !before && isUniform(numbers.scale) ? layersAfter(folding, name, numbers) : [];
  if (!before && after.length === 0) return;
  if (before) foldIntoLayer(folding, before, numbers);
  for (const node of after) foldIntoReader(folding, node, numbers);
  for (const suffix of ["scale", "threshold"]) weights.delete(`${name}.${suffix}`);
  sources.set(name, source);
  const others = (consumers.get(source) ?? []).filter(({ node }) => node?.name !== name);
  consumers.set(source, [...others, ...(consumers.get(name) ?? [])]);
};

/**
 * Folds scales and shifts of channels into the float layers around them: into the layer before one, if nothing else reads that; or else,
 * if all channels have the same scale, into the layers after it. The model computes the same, up to the rounding of float32.
 */
export const foldAffines = (model: Model): Model => {
  const graph: Graph = model.graph;
  const folding: Folding = {
    nodes: new Map(graph.nodes.map((node) => [node.name, node])),
    weights: new Map(model.weights),
    consumers: new Map(consumersOf(graph)),
    sources: new Map(),
  };
  for (const node of graph.nodes) if (node.kind === "affine") foldAffine(folding, node);
  const nodes = [...folding.nodes.values()];
  const folded = new Set(folding.sources.keys());
  return { graph: removeNodes({ ...graph, nodes }, folded), weights: folding.weights };
};
