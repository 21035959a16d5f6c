import { QpruneError } from "../base/errors.js";
import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeOf,
  type ValueId,
} from "../graph/graph.js";
import type { Model, WeightValue } from "../graph/model.js";
import { producerName } from "../graph/producers.js";
import { isWeighted, storedForm, type WeightedNode } from "../graph/stored-form.js";
import { channelsOfNorm } from "../passes/norm-channels.js";
import { removeDropout } from "../passes/remove-dropout.js";
import { removeNodes } from "../passes/remove-nodes.js";
import { fold, foldAffine, foldBinary, foldThreshold } from "./fold.js";
import {
  biasOf,
  type FloatLayer,
  foldAfter,
  foldBefore,
  replaceLayer,
  vectorOf,
} from "./fold-into-weights.js";

type Norm = NodeOf<"batchNorm">;

/** A graph whose norms are being folded. */
interface Folding {
  readonly graph: Graph;
  readonly consumers: ReadonlyMap<ValueId, readonly Consumer[]>;
  /** By name, as they are so far. */
  readonly nodes: Map<string, Node>;
  readonly weights: Map<string, WeightValue>;
  /** Norms of which nothing remains. */
  readonly folded: Set<string>;
}

const WORDS = { latent: "trainable", scaled: "merged" } as const;

const checkForm = (graph: Graph): void => {
  const form = storedForm(graph);
  if (form === "quantized") return;
  throw new QpruneError(
    `The net is ${WORDS[form]}; only a net with quantized weights can be merged.`,
  );
};

/** Whether only the sign of a norm is used: all that reads it are binary quantizers. */
const isBeforeSign = ({ consumers }: Folding, norm: Norm): boolean =>
  (consumers.get(norm.name) ?? []).every(
    ({ node }) => node?.kind === "quantize" && node.quantizer.kind === "binary",
  );

/** The layer before a norm, if nothing else reads its output. */
const layerBefore = ({ consumers, nodes }: Folding, norm: Norm): WeightedNode | undefined => {
  const [value] = norm.inputs as [ValueId];
  const producer = nodes.get(value);
  const isOnly = consumers.get(value)?.length === 1;
  return producer && isOnly && isWeighted(producer) ? producer : undefined;
};

/** Whether another convolution or dense layer depends on the output of a node. */
const hasLayerAfter = ({ nodes }: Graph, start: Node): boolean => {
  const values = new Set([start.name]);
  for (const node of nodes) {
    if (!node.inputs.some((value) => values.has(producerName(value)))) continue;
    if (isWeighted(node)) return true;
    values.add(node.name);
  }
  return false;
};

/**
 * The layer after a norm into whose kernel it can be folded: the last one of the net, with float weights and without
 * padding, which is 0 after the norm, not before it.
 */
const layerAfter = (
  { graph, consumers, nodes, weights }: Folding,
  norm: Norm,
): FloatLayer | undefined => {
  const [consumer, ...others] = consumers.get(norm.name) ?? [];
  const node = nodes.get(consumer?.node?.name ?? "");
  if (!node || others.length > 0 || !isWeighted(node) || hasLayerAfter(graph, node))
    return undefined;
  const kernel = weights.get(`${node.name}.weight`);
  const isPadded = node.kind === "conv" && node.padding.some((border) => border > 0);
  return isPadded || kernel?.kind !== "float" ? undefined : { node, kernel };
};

/** Replaces a norm by scale x - threshold. */
const replaceByAffine = (folding: Folding, norm: Norm): void => {
  const rule = isBeforeSign(folding, norm) ? foldThreshold : foldAffine;
  const thresholds = channelsOfNorm(norm, folding.weights).map(rule);
  const vector = (numbers: readonly number[]) => vectorOf(Float32Array.from(numbers));
  const { name, inputs } = norm;
  folding.weights.set(`${name}.scale`, vector(thresholds.map(({ scale }) => scale)));
  folding.weights.set(`${name}.threshold`, vector(thresholds.map(({ threshold }) => threshold)));
  folding.nodes.set(name, { name, kind: "affine", inputs });
};

const NORM_TENSORS = ["weight", "bias", "running_mean", "running_var"];

const foldNorm = (folding: Folding, norm: Norm): void => {
  const { graph, weights, folded } = folding;
  const [before, after] = [layerBefore(folding, norm), layerAfter(folding, norm)];
  const channels = channelsOfNorm(norm, weights);
  if (before) {
    // The first layer is folded exactly, as in the reference scripts.
    const isFirst = graph.inputs.some(({ name }) => name === before.inputs[0]);
    const rule = !isFirst && isBeforeSign(folding, norm) ? foldBinary : fold;
    const kernel = weights.get(`${before.name}.weight`) as WeightValue;
    const bias = biasOf(folding, before, channels.length);
    replaceLayer(folding, before, foldAfter({ kernel, bias }, channels, rule));
    folded.add(norm.name);
  } else if (after) {
    const bias = biasOf(folding, after.node, after.kernel.shape[0] as number);
    replaceLayer(folding, after.node, foldBefore(after, bias, channels.map(foldAffine)));
    folded.add(norm.name);
  } else {
    replaceByAffine(folding, norm);
  }
  for (const suffix of NORM_TENSORS) weights.delete(`${norm.name}.${suffix}`);
};

/**
 * Folds the batch norms of a model with quantized weights (see bakeWeights) and removes dropout. A norm is folded
 * - into the convolution or dense layer before it, if nothing else reads that; before binary quantizers, which use only
 *   the sign, into its bias and the signs of its filters
 * - into the kernel of the layer after it, if that is the last one, unpadded and float
 * - otherwise into an affine node, which before binary quantizers is a threshold
 *
 * Quantized weights stay on their grid, with a scale per filter.
 * @throws QpruneError if the weights are latent or merged already.
 */
export const foldBatchNorms = (model: Model): Model => {
  checkForm(model.graph);
  const graph = removeDropout(model.graph);
  const folding: Folding = {
    graph,
    consumers: consumersOf(graph),
    nodes: new Map(graph.nodes.map((node) => [node.name, node])),
    weights: new Map(model.weights),
    folded: new Set(),
  };
  for (const node of graph.nodes) if (node.kind === "batchNorm") foldNorm(folding, node);
  const nodes = [...folding.nodes.values()].map(
    (node): Node => (isWeighted(node) ? { ...node, stored: "scaled" } : node),
  );
  return { graph: removeNodes({ ...graph, nodes }, folding.folded), weights: folding.weights };
};
