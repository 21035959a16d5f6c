import {
  type Node,
  type NodeKind,
  type NodeOf,
  shapesOf,
  type ValueId,
  valuesOf,
} from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import { nodesByName } from "../../graph/producers.js";
import type { Shape } from "../../graph/shape.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { checkWeightForm } from "../check-weight-form.js";
import { nodeNames } from "./node-names.js";
import {
  lowerActivation,
  lowerPrelu,
  lowerQuantize,
  lowerSoftmax,
} from "./nodes/activation-nodes.js";
import { lowerAdd, lowerConcat, lowerMultiply, lowerSplit } from "./nodes/join-nodes.js";
import { type LayerKernel, layerKernel } from "./nodes/kernel-tensors.js";
import { lowerConv, lowerDense } from "./nodes/layer-nodes.js";
import type { Lowering } from "./nodes/lowering.js";
import { lowerAveragePool, lowerGlobalPool, lowerMaxPool } from "./nodes/pool-nodes.js";
import {
  lowerFlatten,
  lowerPad,
  lowerPixelShuffle,
  lowerReshape,
  lowerResize,
  lowerShuffle,
} from "./nodes/rearrangement-nodes.js";
import { lowerAffine, lowerBatchNorm } from "./nodes/scale-shift.js";
import { simplify } from "./simplify.js";
import { createGraph, FLOAT, graphShape, type TfGraph } from "./tf-graph.js";

/** Adds the TensorFlow nodes of a node and returns the names of its outputs. */
type Lower<N> = (node: N, lowering: Lowering) => string | string[];

const LOWER = {
  activation: lowerActivation,
  add: lowerAdd,
  affine: lowerAffine,
  averagePool: lowerAveragePool,
  batchNorm: lowerBatchNorm,
  concat: lowerConcat,
  conv: lowerConv,
  dense: lowerDense,
  dropout: (node, { sourceOf }) => sourceOf(node.inputs[0] as ValueId),
  flatten: lowerFlatten,
  globalPool: lowerGlobalPool,
  maxPool: lowerMaxPool,
  multiply: lowerMultiply,
  pad: lowerPad,
  pixelShuffle: lowerPixelShuffle,
  prelu: lowerPrelu,
  quantize: lowerQuantize,
  reshape: lowerReshape,
  resize: lowerResize,
  shuffle: lowerShuffle,
  softmax: lowerSoftmax,
  split: lowerSplit,
} satisfies { readonly [K in NodeKind]: Lower<NodeOf<K>> };

const lowerNode = (node: Node, lowering: Lowering): string[] => {
  // The table maps each kind to the function for its own nodes, which TypeScript does not follow through the lookup.
  const lower = LOWER[node.kind] as Lower<Node>;
  return [lower(node, lowering)].flat();
};

/** A net as a graph of TensorFlow. */
export interface NetGraph extends TfGraph {
  /** The kernels of all layers, in the net's order. */
  readonly kernels: readonly LayerKernel[];
}

/**
 * The TensorFlow graph of a model with quantized weights: from its images to its outputs, under their names. Norms become
 * scales and shifts; dropout has no node.
 * @throws QpruneError if weights are latent.
 */
export const netGraph = (model: Model): NetGraph => {
  checkWeightForm(model);
  const { graph, norms } = simplify(model.graph);
  const builder = createGraph();
  const [shapes, names] = [shapesOf(graph), nodeNames(graph)];
  const sources = new Map<ValueId, string>();
  const byName = nodesByName(graph);
  const lowering: Lowering = {
    builder,
    norms,
    weights: model.weights,
    shapeOf: (value) => shapes.get(value) as Shape,
    sourceOf: (value) => sources.get(value) as string,
    producerOf: (value) => byName.get(value),
    nameOf: ({ name }) => names.get(name) as string,
  };
  for (const { name, shape } of graph.inputs) {
    const attr = { dtype: FLOAT, shape: { shape: graphShape([-1, ...shape]) } };
    sources.set(name, builder.add("Placeholder", name, [], attr));
  }
  for (const node of graph.nodes) {
    const outputs = lowerNode(node, lowering);
    for (const [index, value] of valuesOf(node).entries())
      sources.set(value, outputs[index] as string);
  }
  for (const { name, value } of graph.outputs) {
    const source = lowering.sourceOf(value);
    if (source !== name) builder.add("Identity", name, [source]);
  }
  const kernels = weightedNodes(graph).map((node) => layerKernel(node, lowering));
  return { nodes: builder.nodes, weights: builder.weights, kernels };
};
