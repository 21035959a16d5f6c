import { foldBatchNorms } from "../bnmerge/fold-batch-norms.js";
import { vectorOf } from "../bnmerge/fold-into-weights.js";
import { type Graph, type Node, type NodeOf, shapesOf, type ValueId } from "../graph/graph.js";
import type { Model, WeightValue } from "../graph/model.js";
import { isMaps } from "../graph/shape.js";
import { NO_PADDING, ONE } from "../graph/window.js";
import { bakeWeights } from "../passes/bake-weights.js";
import { weightNumbers } from "../quant/numbers/quantized-tensor.js";
import { foldAffines } from "./fold-affines.js";
import { withShufflesLast } from "./shuffle-last.js";

/** scale x - threshold per channel as a depthwise convolution of 1x1. */
const asConv = ({ name, inputs }: NodeOf<"affine">, channels: number): NodeOf<"conv"> => ({
  name,
  kind: "conv",
  inputs,
  filters: channels,
  kernel: ONE,
  stride: ONE,
  padding: NO_PADDING,
  dilation: ONE,
  groups: channels,
  hasBias: true,
  quantizer: { kind: "float" },
  stored: "scaled",
});

/** A model whose scales and shifts of maps, the norms that could not be folded, are depthwise convolutions. */
const withConvsForAffines = ({ graph, weights: before }: Model): Model => {
  const weights = new Map(before);
  const shapes = shapesOf(graph);
  const nodes = graph.nodes.map((node): Node => {
    const shape = shapes.get(node.inputs[0] as ValueId);
    if (node.kind !== "affine" || !shape || !isMaps(shape)) return node;
    const read = (suffix: string): Float32Array =>
      weightNumbers(weights.get(`${node.name}.${suffix}`) as WeightValue);
    const [scale, threshold] = [read("scale"), read("threshold")];
    const channels = scale.length;
    weights.delete(`${node.name}.scale`);
    weights.delete(`${node.name}.threshold`);
    weights.set(`${node.name}.weight`, {
      kind: "float",
      shape: [channels, 1, 1, 1],
      values: scale,
    });
    weights.set(`${node.name}.bias`, vectorOf(threshold.map((value) => -value)));
    return asConv(node, channels);
  });
  return { graph: { ...graph, nodes }, weights };
};

/** A model in which every layer has a bias, so that rounding errors can be moved into it. */
const withBiases = ({ graph, weights: before }: Model): Model => {
  const weights = new Map(before);
  const nodes = graph.nodes.map((node): Node => {
    if ((node.kind !== "conv" && node.kind !== "dense") || node.hasBias) return node;
    const filters = node.kind === "conv" ? node.filters : node.features;
    weights.set(`${node.name}.bias`, vectorOf(new Float32Array(filters)));
    return { ...node, hasBias: true };
  });
  return { graph: { ...graph, nodes }, weights };
};

/** Whether a graph has quantizers already. */
export const isQuantized = ({ nodes }: Graph): boolean =>
  nodes.some(
    (node) =>
      (node.kind === "quantize" && node.quantizer.kind !== "float") ||
      ((node.kind === "conv" || node.kind === "dense") && node.quantizer.kind !== "float"),
  );

/**
 * A model in full precision as it is quantized: with its norms, scales and shifts folded into the layers around them, or as depthwise
 * convolutions where there is none, without dropout, and with a bias in every layer. It computes what the model computes, up to
 * the rounding of float32.
 */
export const foldedModel = (model: Model): Model => {
  const isMerged = model.graph.nodes.some((node) => "stored" in node && node.stored === "scaled");
  const folded = isMerged ? model : foldBatchNorms(bakeWeights(model));
  return withBiases(withConvsForAffines(foldAffines(withShufflesLast(folded))));
};
