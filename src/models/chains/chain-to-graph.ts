import type { Graph, Node, NodeOf } from "../../graph/graph.js";
import { IMAGES, LOGITS } from "../../graph/graph-draft.js";
import type { storedWeights } from "../../graph/kinds/convolutions.js";
import type { WeightQuantization } from "../../graph/quantizers.js";
import { evenly, NO_PADDING, ONE } from "../../graph/window.js";
import type { ChainSpec, ConvSpec } from "./chain-spec.js";
import { type StateNames, stateNames } from "./state-names.js";

const FLOAT: WeightQuantization = { kind: "float" };

const STORED: Readonly<Record<ChainSpec["form"], (typeof storedWeights)[number]>> = {
  trainable: "latent",
  baked: "quantized",
  merged: "scaled",
};

/** The nodes of a chain under construction; each reads the one before it. */
interface Chain {
  readonly nodes: Node[];
  /** Adds a node that reads the last one. */
  readonly add: <N extends Node>(node: Omit<N, "inputs">) => void;
}

const createChain = (): Chain => {
  const nodes: Node[] = [];
  return {
    nodes,
    add: (node) => {
      // The cast only adds back the field that Omit removes from each member of the union.
      nodes.push({ ...node, inputs: [nodes.at(-1)?.name ?? IMAGES] } as unknown as Node);
    },
  };
};

interface ConvAt {
  readonly spec: ChainSpec;
  readonly index: number;
  readonly names: StateNames;
}

const convOf = ({ spec, index }: ConvAt): ConvSpec => spec.convs[index] as ConvSpec;

const isInner = ({ spec, index }: ConvAt): boolean => index > 0 && index < spec.convs.length - 1;

const addConv = (chain: Chain, at: ConvAt): void => {
  const { width, kernel, pad, groups, isQuantized } = convOf(at);
  chain.add<NodeOf<"conv">>({
    name: at.names.conv,
    kind: "conv",
    filters: width,
    kernel: [kernel, kernel],
    stride: ONE,
    padding: evenly(pad),
    dilation: ONE,
    groups,
    hasBias: true,
    quantizer: isQuantized ? at.spec.quantization.weights : FLOAT,
    stored: STORED[at.spec.form],
  });
};

const addNorm = (chain: Chain, at: ConvAt, hasAffine: boolean): void => {
  const { epsilon, newStatWeight, blockNewStatWeight, isGammaFixed, minGamma } = at.spec.norm;
  chain.add<NodeOf<"batchNorm">>({
    name: at.names.norm,
    kind: "batchNorm",
    hasAffine,
    epsilon,
    newStatWeight: isInner(at) ? blockNewStatWeight : newStatWeight,
    isGammaFixed: isGammaFixed && isInner(at),
    minGamma,
  });
};

const addRelu = (chain: Chain, name: string): void =>
  chain.add<NodeOf<"activation">>({ name, kind: "activation", function: "relu" });

/** Adds the quantizer of the input of convolution `index`, with the ReLU before it if its kind has one. */
const addQuantizer = (chain: Chain, { quantization }: ChainSpec, index: number): void => {
  const quantizer = quantization.activations;
  if (quantizer.kind !== "binary" && quantizer.kind !== "ternary")
    addRelu(chain, `quantize${index}/relu`);
  if (quantizer.kind === "float") return;
  chain.add<NodeOf<"quantize">>({ name: `quantize${index}`, kind: "quantize", quantizer });
};

const addShuffle = (chain: Chain, at: ConvAt): void => {
  const { shuffle: groups } = convOf(at);
  if (groups > 1)
    chain.add<NodeOf<"shuffle">>({ name: `shuffle${at.index}`, kind: "shuffle", groups });
};

const addDropout = (chain: Chain, at: ConvAt): void => {
  const { dropout: rate } = convOf(at);
  if (rate > 0 && at.spec.form !== "merged")
    chain.add<NodeOf<"dropout">>({ name: `dropout${at.index}`, kind: "dropout", rate });
};

const addPool = (chain: Chain, at: ConvAt): void => {
  const { pool } = convOf(at);
  if (!pool) return;
  const window = {
    name: `pool${at.index}`,
    kernel: [pool.size, pool.size],
    stride: [pool.stride, pool.stride],
    padding: pool.pad === 0 ? NO_PADDING : evenly(pool.pad),
    roundsUp: false,
  } as const;
  if (pool.kind === "max") chain.add<NodeOf<"maxPool">>({ ...window, kind: "maxPool" });
  else chain.add<NodeOf<"averagePool">>({ ...window, kind: "averagePool", countsPadding: true });
};

/** Shuffle, dropout, convolution, norm, activation, pool. */
const addConvNorm = (chain: Chain, at: ConvAt): void => {
  const { spec, index } = at;
  addShuffle(chain, at);
  addDropout(chain, at);
  addConv(chain, at);
  if (spec.form !== "merged") addNorm(chain, at, true);
  if (spec.convs[index + 1]?.isQuantized) addQuantizer(chain, spec, index + 1);
  else addRelu(chain, `relu${index}`);
  addPool(chain, at);
};

/** Whether an affine remains before convolution `index` of a merged net in the order norm, activation, convolution. */
export const keepsInputAffine = ({ order, convs }: ChainSpec, index: number): boolean =>
  order === "norm-activation-conv" &&
  index > 0 &&
  // The last norm, which no activation follows, is folded into the kernel, unless the convolution is padded: its padding is
  // 0 after the norm, not before it.
  (index < convs.length - 1 ||
    convs[index]?.isQuantized === true ||
    (convs[index]?.pad ?? 0) > 0 ||
    (convs[index]?.shuffle ?? 1) > 1);

/** Norm with the input quantizer, shuffle, dropout, convolution, ReLU, pool. */
const addNormConv = (chain: Chain, at: ConvAt): void => {
  const { spec, index } = at;
  if (index > 0) {
    if (spec.form !== "merged") addNorm(chain, at, isInner(at));
    else if (keepsInputAffine(spec, index))
      chain.add<NodeOf<"affine">>({ name: at.names.norm, kind: "affine" });
    if (convOf(at).isQuantized) addQuantizer(chain, spec, index);
    addShuffle(chain, at);
    addDropout(chain, at);
  }
  addConv(chain, at);
  if (index === 0 && spec.form !== "merged") addNorm(chain, at, false);
  addRelu(chain, `relu${index}`);
  addPool(chain, at);
};

/**
 * The graph of a chain of convolutions. Nodes with tensors have the names of the reference scripts (see stateNames); the
 * others are named by the convolution to which they belong: relu3, quantize4, pool2.
 */
export const chainToGraph = (spec: ChainSpec): Graph => {
  const chain = createChain();
  const addBlock = spec.order === "conv-norm-activation" ? addConvNorm : addNormConv;
  for (const [index, names] of stateNames(spec).entries()) addBlock(chain, { spec, index, names });
  chain.add<NodeOf<"globalPool">>({
    name: "mean",
    kind: "globalPool",
    function: "mean",
    keepsMaps: false,
  });
  const { height, width, channels } = spec.input;
  return {
    inputs: [{ name: IMAGES, shape: [height, width, channels] }],
    nodes: chain.nodes,
    outputs: [{ name: LOGITS, value: "mean" }],
  };
};
