import {
  type Graph,
  type Node,
  type NodeKind,
  type NodeOf,
  shapesOf,
  type ValueId,
} from "../../graph/graph.js";
import { storesRange, type WeightQuantization } from "../../graph/quantizers.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";
import { isLearnedQuantizer } from "../../quant/activations/learned-quantizer.js";
import { FLOAT32, type Storage } from "../../tensor/storage.js";
import {
  activationLayer,
  learnedQuantizerLayer,
  preluLayer,
  softmaxLayer,
} from "../layers/activation-layers.js";
import { affineLayer } from "../layers/affine-layer.js";
import { affineRangeLayer } from "../layers/affine-range.js";
import { convLayer } from "../layers/conv-layer.js";
import { denseLayer } from "../layers/dense-layer.js";
import { dropoutLayer } from "../layers/dropout-layer.js";
import { globalPoolLayer } from "../layers/global-pool-layer.js";
import { foldedConvLayer } from "../layers/inference-layers.js";
import { addLayer, concatLayer, multiplyLayer, splitLayer } from "../layers/joint-layers.js";
import { asJoint, type JointLayer, type Layer } from "../layers/layer.js";
import type { LayerStorage } from "../layers/layer-storage.js";
import { type LearnedRange, learnedRange } from "../layers/learned-range.js";
import { addingNormLayer, type NormLayerOptions, normLayer } from "../layers/norm-layer.js";
import { averagePoolLayer, maxPoolLayer } from "../layers/pool-layer.js";
import {
  flattenLayer,
  onVectors,
  padLayer,
  pixelShuffleLayer,
  reshapeLayer,
  resizeLayer,
} from "../layers/rearrange-layers.js";
import { shuffleLayer } from "../layers/shuffle-layer.js";
import type { SyncedBy } from "../layers/synced-norm.js";
import type { Parameter, StateTensor } from "../parameter.js";
import type { Precision } from "../precision.js";
import type { NetTensors, NodeTensors } from "./node-tensors.js";
import type { Step } from "./steps.js";
import { functionOf } from "./steps.js";
import { codeLevelsOf } from "./storages.js";

/** What the layers of a net are built from. */
export interface LayerContext {
  readonly graph: Graph;
  readonly tensors: NetTensors;
  readonly seed: number;
  readonly precision: Precision;
  /** How values between steps are stored; as floats if missing. */
  readonly storages: ReadonlyMap<ValueId, Storage>;
  /** Whether activations are quantized. */
  readonly isQuantized: boolean;
  /** The number of training passes so far, the current one included. */
  readonly pass: () => number;
  /** The images, and values of frozen nodes: nobody needs their gradients. */
  readonly constants: ReadonlySet<ValueId>;
  /** How norms use the statistics of several workers; absent if they use those of their own batch. */
  readonly synced?: SyncedBy | undefined;
}

const FLOAT: WeightQuantization = { kind: "float" };

/** Whether nobody needs the gradient of a node's input. */
const isFirst = ({ constants }: LayerContext, node: Node): boolean =>
  constants.has(node.inputs[0] as ValueId);

const tensorsOf = ({ tensors }: LayerContext, node: Node): NodeTensors =>
  tensors.byNode.get(node.name) as NodeTensors;

/** The storage of a value, by its place among a step's inputs or outputs. */
const storageOf = ({ storages }: LayerContext, value: ValueId | undefined): Storage =>
  (value !== undefined && storages.get(value)) || FLOAT32;

const layerStorage = (
  context: LayerContext,
  input: ValueId | undefined,
  output: ValueId | undefined,
): LayerStorage => {
  const y = storageOf(context, output);
  // In inference, what is quantized later is not rounded before.
  const isExact = context.isQuantized && y.kind === "bf16";
  return { x: storageOf(context, input), y, inferred: isExact ? FLOAT32 : y };
};

const stepOfConv = (context: LayerContext, step: Extract<Step, { kind: "conv" }>): JointLayer => {
  const { node, addsBias, tail } = step;
  const { parameters, buffers } = tensorsOf(context, node);
  const levels = codeLevelsOf(context.graph, node);
  const storage = layerStorage(context, step.inputs[0], step.outputs[0]);
  if (tail) {
    const kernel = buffers.kernel as StateTensor;
    const bias = buffers.bias ?? null;
    return asJoint(
      foldedConvLayer({
        kernel,
        bias,
        filters: node.filters,
        geometry: node,
        codeLevels: levels,
        precision: context.precision,
        storage,
        tail,
      }),
    );
  }
  return asJoint(
    convLayer({
      weight: parameters.kernel as Parameter,
      bias: parameters.bias ?? null,
      step: parameters.range,
      addsBias,
      geometry: node,
      // Weights that are stored quantized are not quantized again.
      quantization: node.stored === "latent" ? node.quantizer : FLOAT,
      codeLevels: levels,
      precision: context.precision,
      storage,
      isFirst: isFirst(context, node),
    }),
  );
};

/** A layer of maps for the input of a node, which may be vectors. */
const forInput = ({ graph }: LayerContext, node: Node, layer: Layer): JointLayer => {
  const isVector = shapesOf(graph).get(node.inputs[0] as ValueId)?.length === 1;
  return asJoint(isVector ? onVectors(layer) : layer);
};

/** The trained range of a quantizer; undefined if it has none. */
const learnedRangeOf = (
  context: LayerContext,
  node: NodeOf<"quantize">,
  includesRelu: boolean,
): LearnedRange | undefined => {
  const { range } = tensorsOf(context, node).parameters;
  return range && isLearnedQuantizer(node.quantizer)
    ? learnedRange(range, node.quantizer, includesRelu)
    : undefined;
};

const stepOfNorm = (context: LayerContext, step: Extract<Step, { kind: "norm" }>): JointLayer => {
  const { node, tail, biased, learned } = step;
  const { parameters, buffers, counter } = tensorsOf(context, node);
  const { gamma, beta } = parameters;
  const { epsilon, newStatWeight, isGammaFixed, minGamma } = node;
  const options: NormLayerOptions = {
    affine: gamma && beta ? { gamma, beta } : null,
    movingMean: buffers.mean as StateTensor,
    movingVariance: buffers.variance as StateTensor,
    inputBias: (biased && tensorsOf(context, biased).parameters.bias) ?? null,
    epsilon,
    newStatWeight,
    isGammaFixed,
    minGamma,
    tail,
    storage: {
      ...layerStorage(context, step.inputs[0], step.outputs[0]),
      addend: storageOf(context, step.inputs[1]),
    },
    range: learned
      ? learnedRangeOf(
          context,
          learned,
          "afterRelu" in tail.activation && tail.activation.afterRelu,
        )
      : undefined,
    synced: context.synced,
    countBatch: () => {
      if (counter) counter.count++;
    },
  };
  return step.inputs.length > 1
    ? addingNormLayer(options)
    : forInput(context, node, normLayer(options));
};

/** The number of convolutions and dense layers before a node. */
const weightedBefore = ({ graph }: LayerContext, node: Node): number =>
  graph.nodes
    .slice(0, graph.nodes.indexOf(node))
    .filter(({ kind }) => kind === "conv" || kind === "dense").length;

/** The storage of a node that runs as a step of its own, and has one input and one output. */
const storageOfNode = (context: LayerContext, node: Node): LayerStorage =>
  layerStorage(context, node.inputs[0], node.name);

type PlainKind = Exclude<NodeKind, "batchNorm" | "affine" | "conv">;

const stepOfDense = (node: NodeOf<"dense">, context: LayerContext): JointLayer => {
  const { parameters, buffers } = tensorsOf(context, node);
  return asJoint(
    denseLayer({
      weight: (parameters.kernel ?? buffers.kernel) as Parameter,
      bias: parameters.bias ?? (buffers.bias as Parameter | undefined) ?? null,
      step: parameters.range,
      quantization: node.stored === "latent" ? node.quantizer : FLOAT,
      isFirst: isFirst(context, node),
    }),
  );
};

const stepOfQuantizer = (node: NodeOf<"quantize">, context: LayerContext): JointLayer => {
  if (storesRange(node.quantizer)) {
    const { parameters, buffers } = tensorsOf(context, node);
    const ends = parameters.range ?? (buffers.observed as StateTensor);
    return asJoint(affineRangeLayer(ends, node.quantizer, node.name));
  }
  const range = learnedRangeOf(context, node, false);
  const storage = storageOfNode(context, node);
  return asJoint(
    range
      ? learnedQuantizerLayer(range, storage, node.name)
      : activationLayer(quantizerActivation(node.quantizer), storage, node.name),
  );
};

/** The layers of all kinds of nodes that run as steps of their own. */
const plainLayers: { [K in PlainKind]: (node: NodeOf<K>, context: LayerContext) => JointLayer } = {
  activation: (node, context) =>
    asJoint(activationLayer(functionOf(node), storageOfNode(context, node))),
  add: () => addLayer(),
  averagePool: (node, context) => asJoint(averagePoolLayer(node, storageOfNode(context, node))),
  concat: () => concatLayer(),
  dense: stepOfDense,
  dropout: (node, context) =>
    asJoint(
      dropoutLayer({
        rate: node.rate,
        seed: context.seed,
        layer: weightedBefore(context, node),
        pass: context.pass,
      }),
    ),
  flatten: () => asJoint(flattenLayer()),
  globalPool: (node) => asJoint(globalPoolLayer(node)),
  maxPool: (node, context) => asJoint(maxPoolLayer(node, storageOfNode(context, node))),
  multiply: () => multiplyLayer(),
  pad: (node) => asJoint(padLayer(node)),
  pixelShuffle: ({ factor }) => asJoint(pixelShuffleLayer(factor)),
  prelu: (node, context) =>
    asJoint(preluLayer(tensorsOf(context, node).parameters.slope as Parameter)),
  quantize: stepOfQuantizer,
  reshape: ({ shape }) => asJoint(reshapeLayer(shape)),
  resize: (node) => asJoint(resizeLayer(node)),
  shuffle: ({ groups }) => asJoint(shuffleLayer(groups)),
  softmax: () => asJoint(softmaxLayer()),
  split: ({ sizes }) => splitLayer(sizes),
};

/** Builds the layer of a step. */
export const layerOfStep = (step: Step, context: LayerContext): JointLayer => {
  switch (step.kind) {
    case "conv":
      return stepOfConv(context, step);
    case "norm":
      return stepOfNorm(context, step);
    case "affine": {
      const { scale, threshold } = tensorsOf(context, step.node).parameters;
      const layer = affineLayer(scale as Parameter, threshold as Parameter, step.tail);
      return forInput(context, step.node, layer);
    }
    case "node": {
      // The table maps each kind to a function of its own nodes, which TypeScript does not follow through the lookup.
      const build = plainLayers[step.node.kind] as (
        node: Node,
        context: LayerContext,
      ) => JointLayer;
      return build(step.node, context);
    }
  }
};
