import type { Graph, Node, NodeKind, NodeOf, ValueId } from "../../graph/graph.js";
import { inputQuantizer } from "../../graph/input-quantizer.js";
import { codeLevels } from "../../quant/numbers/grids.js";
import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import { convLayer } from "../layers/conv-layer.js";
import { dropoutLayer } from "../layers/dropout-layer.js";
import { affineLayer, foldedConvLayer } from "../layers/inference-layers.js";
import type { JointLayer, Layer } from "../layers/layer.js";
import { normLayer } from "../layers/norm-layer.js";
import { averagePoolLayer, globalAverageLayer, maxPoolLayer } from "../layers/pool-layer.js";
import { reluLayer } from "../layers/relu-layer.js";
import { shuffleLayer } from "../layers/shuffle-layer.js";
import type { Parameter, StateTensor } from "../parameter.js";
import type { NetTensors, NodeTensors } from "./node-tensors.js";
import type { Step } from "./steps.js";

/** What the layers of a net are built from. */
export interface LayerContext {
  readonly graph: Graph;
  readonly tensors: NetTensors;
  readonly seed: number;
  /** The number of training passes so far, which is saved with the net. */
  readonly pass: () => number;
}

/** A layer of a step: of one value, or of several. */
export type StepLayer =
  | { readonly kind: "single"; readonly layer: Layer }
  | { readonly kind: "joint"; readonly layer: JointLayer };

const single = (layer: Layer): StepLayer => ({ kind: "single", layer });

const tensorsOf = ({ tensors }: LayerContext, node: Node): NodeTensors =>
  tensors.byNode.get(node.name) as NodeTensors;

/** The levels of a convolution's input if it computes with integer codes; null if it computes in floats. */
const codeLevelsOf = ({ graph }: LayerContext, { quantizer, inputs }: NodeOf<"conv">) =>
  codeLevels({
    weights: quantizer,
    activations: inputQuantizer(graph, inputs[0] as ValueId) ?? { kind: "float" },
  });

const geometryOf = ({ stride, padding, groups }: NodeOf<"conv">): ConvGeometry => ({
  stride: stride[0],
  pad: padding[0],
  groups,
});

const stepOfConv = (context: LayerContext, step: Extract<Step, { kind: "conv" }>): StepLayer => {
  const { node, addsBias, tail } = step;
  const { parameters, buffers } = tensorsOf(context, node);
  const [geometry, levels] = [geometryOf(node), codeLevelsOf(context, node)];
  if (tail) {
    const kernel = buffers.kernel as StateTensor;
    const bias = buffers.bias ?? null;
    return single(
      foldedConvLayer({ kernel, bias, filters: node.filters, geometry, codeLevels: levels, tail }),
    );
  }
  return single(
    convLayer({
      weight: parameters.kernel as Parameter,
      bias: parameters.bias ?? null,
      addsBias,
      geometry,
      // Weights that are stored quantized are not quantized again.
      quantization: node.stored === "latent" ? node.quantizer : { kind: "float" },
      codeLevels: levels,
      isFirst: context.graph.inputs.some(({ name }) => name === node.inputs[0]),
    }),
  );
};

const stepOfNorm = (context: LayerContext, step: Extract<Step, { kind: "norm" }>): StepLayer => {
  const { node, tail, biased } = step;
  const { parameters, buffers, counter } = tensorsOf(context, node);
  const { gamma, beta } = parameters;
  const { epsilon, newStatWeight, isGammaFixed, minGamma } = node;
  return single(
    normLayer({
      affine: gamma && beta ? { gamma, beta } : null,
      movingMean: buffers.mean as StateTensor,
      movingVariance: buffers.variance as StateTensor,
      inputBias: (biased && tensorsOf(context, biased).parameters.bias) ?? null,
      epsilon,
      newStatWeight,
      isGammaFixed,
      minGamma,
      tail,
      countBatch: () => {
        if (counter) counter.count++;
      },
    }),
  );
};

/** The number of convolutions and dense layers before a node. */
const weightedBefore = ({ graph }: LayerContext, node: Node): number =>
  graph.nodes
    .slice(0, graph.nodes.indexOf(node))
    .filter(({ kind }) => kind === "conv" || kind === "dense").length;

type PlainKind = Exclude<NodeKind, "batchNorm" | "affine" | "conv">;

/** The layers of all kinds of nodes that run as steps of their own. */
const plainLayers: { [K in PlainKind]?: (node: NodeOf<K>, context: LayerContext) => StepLayer } = {
  activation: () => single(reluLayer()),
  shuffle: ({ groups }) => single(shuffleLayer(groups)),
  dropout: (node, context) =>
    single(
      dropoutLayer({
        rate: node.rate,
        seed: context.seed,
        layer: weightedBefore(context, node),
        pass: context.pass,
      }),
    ),
  maxPool: ({ kernel, stride, padding }) =>
    single(maxPoolLayer({ size: kernel[0], stride: stride[0], pad: padding[0] })),
  averagePool: ({ kernel, stride, padding }) =>
    single(averagePoolLayer({ size: kernel[0], stride: stride[0], pad: padding[0] })),
  globalPool: () => single(globalAverageLayer()),
};

/** Builds the layer of a step. */
export const layerOfStep = (step: Step, context: LayerContext): StepLayer => {
  switch (step.kind) {
    case "conv":
      return stepOfConv(context, step);
    case "norm":
      return stepOfNorm(context, step);
    case "affine": {
      const { scale, threshold } = tensorsOf(context, step.node).buffers;
      return single(affineLayer(scale as StateTensor, threshold as StateTensor, step.tail));
    }
    case "node": {
      // The table maps each kind to a function of its own nodes, which TypeScript does not follow through the lookup.
      const build = plainLayers[step.node.kind] as (node: Node, context: LayerContext) => StepLayer;
      return build(step.node, context);
    }
  }
};
