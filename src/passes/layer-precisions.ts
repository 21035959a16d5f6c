import {
  consumersOf,
  type Graph,
  type Node,
  type NodeInGraph,
  nodesInGraph,
  valuesOf,
} from "../graph/graph.js";
import { lastLayers } from "../graph/last-layers.js";
import {
  DOREFA_ACTIVATION_SCALE,
  isAffine,
  isFullPrecision,
  isMultiBit,
  type Quantization,
  withFixedRanges,
} from "../graph/quantizers.js";
import { channelsOf, type Shape } from "../graph/shape.js";
import { isWeighted } from "../graph/stored-form.js";
import { isFollowedByNorm } from "./followed-by-norm.js";

/** The bits of one layer: of its weights and of its input; 32 for full precision. */
export interface LayerBits {
  readonly weights: number;
  readonly activations: number;
}

/** How the quantization of a net is distributed over its layers. */
export interface PlacementRules {
  /** Bits of the layers that read the images or compute the outputs: 32 or 8; null: 8 with affine quantizers, otherwise 32. */
  readonly firstLastBits: 8 | 32 | null;
  /** Bits of depthwise convolutions with DoReFa; null: as all others, or 8 in nets of binary and ternary weights. */
  readonly depthwiseBits: number | null;
  /** Bits of layers by name, in which * matches any text. The first match counts. */
  readonly layers: readonly { readonly pattern: string; readonly bits: LayerBits }[];
}

export const DEFAULT_PLACEMENT: PlacementRules = {
  firstLastBits: null,
  depthwiseBits: null,
  layers: [],
};

/** Bits to which depthwise convolutions fall back: signs cannot be centered over their single input channel. */
const FALLBACK_DEPTHWISE_BITS = 8;

const FLOAT_BITS = 32;

const EIGHT_BITS = 8;

/** Affine quantizers of some bits, of the kind that those of the net are. */
const affine = ({ weights, activations }: LayerBits, net: Quantization): Quantization => ({
  weights:
    weights === FLOAT_BITS || net.weights.kind !== "affine"
      ? { kind: "float" }
      : { ...net.weights, bits: weights },
  activations:
    activations === FLOAT_BITS || net.activations.kind !== "affine"
      ? { kind: "float" }
      : { ...net.activations, bits: activations },
});

/** The quantizers of a net in some bits. */
const inBits = (bits: LayerBits, net: Quantization): Quantization =>
  isAffine(net) ? affine(bits, net) : doReFa(bits, net);

/** DoReFa of some bits, with trained ranges where those of the net are trained. */
const doReFa = ({ weights, activations }: LayerBits, net: Quantization): Quantization => {
  const isLearned = net.weights.kind === "dorefa" && net.weights.isLearned && isMultiBit(weights);
  const learned =
    net.activations.kind === "dorefa" && isMultiBit(activations)
      ? net.activations.learned
      : undefined;
  return {
    weights:
      weights === FLOAT_BITS
        ? { kind: "float" }
        : { kind: "dorefa", bits: weights, ...(isLearned && { isLearned }) },
    activations:
      activations === FLOAT_BITS
        ? { kind: "float" }
        : {
            kind: "dorefa",
            bits: activations,
            scale: DOREFA_ACTIVATION_SCALE,
            ...(learned && { learned }),
          },
  };
};

const patternOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );

/** Whether a layer's name matches a pattern, in which * matches any text. Example: features.1.* matches features.1.conv. */
export const matchesLayer = (pattern: string, name: string): boolean =>
  patternOf(pattern).test(name);

/** Names of the layers that read the images without another layer in between. */
export const firstLayers = ({ inputs, nodes }: Graph): ReadonlySet<string> => {
  const early = new Set(inputs.map(({ name }) => name));
  const first = new Set<string>();
  for (const node of nodes) {
    if (!node.inputs.some((value) => early.has(value))) continue;
    if (isWeighted(node)) first.add(node.name);
    else for (const value of valuesOf(node)) early.add(value);
  }
  return first;
};

/** Whether a node is a convolution with one input channel per group. */
export const isDepthwise = ({ node, inputs: [x] }: NodeInGraph): boolean =>
  node.kind === "conv" && node.groups > 1 && node.groups === channelsOf(x as Shape);

const isSigns = ({ weights }: Quantization): boolean =>
  weights.kind === "binary" || weights.kind === "ternary";

/** The quantization of depthwise convolutions. */
const ofDepthwise = (net: Quantization, bits: number | null): Quantization => {
  if (bits !== null) return inBits({ weights: bits, activations: bits }, net);
  if (!isSigns(net)) return net;
  const fallback = { weights: FALLBACK_DEPTHWISE_BITS, activations: FALLBACK_DEPTHWISE_BITS };
  return doReFa(fallback, net);
};

/**
 * The quantization of every convolution and dense layer of a net, by name. In this order of precedence: by name; the first and the
 * last layers have full precision or 8 bits; depthwise convolutions have bits of their own; all others have the net's.
 * Layers that no batch norm follows have fixed ranges: a trained one would change the scale of their outputs.
 */
export const layerPrecisions = (
  graph: Graph,
  net: Quantization,
  rules: PlacementRules,
): ReadonlyMap<string, Quantization> => {
  const [first, last] = [firstLayers(graph), lastLayers(graph)];
  const ownOuterBits = rules.firstLastBits ?? (isAffine(net) ? EIGHT_BITS : FLOAT_BITS);
  const outerBits = isFullPrecision(net) ? FLOAT_BITS : ownOuterBits;
  const consumers = consumersOf(graph);
  const asked = (placed: NodeInGraph): Quantization => {
    const { name } = placed.node;
    const own = rules.layers.find(({ pattern }) => matchesLayer(pattern, name));
    if (own) return inBits(own.bits, net);
    // DoReFa does not quantize images.
    const imageBits = isAffine(net) ? outerBits : FLOAT_BITS;
    if (first.has(name)) return inBits({ weights: outerBits, activations: imageBits }, net);
    if (last.has(name)) return inBits({ weights: outerBits, activations: outerBits }, net);
    return isDepthwise(placed) ? ofDepthwise(net, rules.depthwiseBits) : net;
  };
  const precision = (placed: NodeInGraph): Quantization =>
    isFollowedByNorm(consumers, placed.node) ? asked(placed) : withFixedRanges(asked(placed));
  return new Map(
    nodesInGraph(graph)
      .filter(({ node }: { node: Node }) => isWeighted(node))
      .map((placed) => [placed.node.name, precision(placed)]),
  );
};
