import { type Graph, type Node, type NodeInGraph, nodesInGraph, valuesOf } from "../graph/graph.js";
import {
  DOREFA_ACTIVATION_SCALE,
  isFullPrecision,
  type Quantization,
} from "../graph/quantizers.js";
import { channelsOf, type Shape } from "../graph/shape.js";
import { isWeighted } from "../graph/stored-form.js";

/** The bits of one layer: of its weights and of its input; 32 for full precision. */
export interface LayerBits {
  readonly weights: number;
  readonly activations: number;
}

/** How the quantization of a net is distributed over its layers. */
export interface PlacementRules {
  /** Bits of the layers that read the images or compute the outputs: 32, or 8 with DoReFa. */
  readonly firstLastBits: 8 | 32;
  /** Bits of depthwise convolutions with DoReFa; null: as all others, or 8 in nets of binary and ternary weights. */
  readonly depthwiseBits: number | null;
  /** Bits of layers by name, in which * matches any text. The first match counts. */
  readonly layers: readonly { readonly pattern: string; readonly bits: LayerBits }[];
}

export const DEFAULT_PLACEMENT: PlacementRules = {
  firstLastBits: 32,
  depthwiseBits: null,
  layers: [],
};

/** Bits to which depthwise convolutions fall back: signs cannot be centered over their single input channel. */
const FALLBACK_DEPTHWISE_BITS = 8;

const FLOAT_BITS = 32;

/** DoReFa of some bits. */
const doReFa = ({ weights, activations }: LayerBits): Quantization => ({
  weights: weights === FLOAT_BITS ? { kind: "float" } : { kind: "dorefa", bits: weights },
  activations:
    activations === FLOAT_BITS
      ? { kind: "float" }
      : { kind: "dorefa", bits: activations, scale: DOREFA_ACTIVATION_SCALE },
});

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
const firstLayers = ({ inputs, nodes }: Graph): ReadonlySet<string> => {
  const early = new Set(inputs.map(({ name }) => name));
  const first = new Set<string>();
  for (const node of nodes) {
    if (!node.inputs.some((value) => early.has(value))) continue;
    if (isWeighted(node)) first.add(node.name);
    else for (const value of valuesOf(node)) early.add(value);
  }
  return first;
};

/** Names of the layers whose outputs reach those of the net without another layer in between. */
const lastLayers = ({ outputs, nodes }: Graph): ReadonlySet<string> => {
  const late = new Set(outputs.map(({ value }) => value));
  const last = new Set<string>();
  for (const node of [...nodes].reverse()) {
    if (!valuesOf(node).some((value) => late.has(value))) continue;
    if (isWeighted(node)) last.add(node.name);
    else for (const value of node.inputs) late.add(value);
  }
  return last;
};

/** Whether a node is a convolution with one input channel per group. */
export const isDepthwise = ({ node, inputs: [x] }: NodeInGraph): boolean =>
  node.kind === "conv" && node.groups > 1 && node.groups === channelsOf(x as Shape);

const isSigns = ({ weights }: Quantization): boolean =>
  weights.kind === "binary" || weights.kind === "ternary";

/** The quantization of depthwise convolutions. */
const ofDepthwise = (net: Quantization, bits: number | null): Quantization => {
  if (bits !== null) return doReFa({ weights: bits, activations: bits });
  if (!isSigns(net)) return net;
  return doReFa({ weights: FALLBACK_DEPTHWISE_BITS, activations: FALLBACK_DEPTHWISE_BITS });
};

/**
 * The quantization of every convolution and dense layer of a net, by name. In this order of precedence: by name; the first and the
 * last layers have full precision or 8 bits; depthwise convolutions have bits of their own; all others have the net's.
 */
export const layerPrecisions = (
  graph: Graph,
  net: Quantization,
  rules: PlacementRules,
): ReadonlyMap<string, Quantization> => {
  const [first, last] = [firstLayers(graph), lastLayers(graph)];
  const outerBits = isFullPrecision(net) ? FLOAT_BITS : rules.firstLastBits;
  const precision = (placed: NodeInGraph): Quantization => {
    const { name } = placed.node;
    const own = rules.layers.find(({ pattern }) => matchesLayer(pattern, name));
    if (own) return doReFa(own.bits);
    // Images are not quantized.
    if (first.has(name)) return doReFa({ weights: outerBits, activations: FLOAT_BITS });
    if (last.has(name)) return doReFa({ weights: outerBits, activations: outerBits });
    return isDepthwise(placed) ? ofDepthwise(net, rules.depthwiseBits) : net;
  };
  return new Map(
    nodesInGraph(graph)
      .filter(({ node }: { node: Node }) => isWeighted(node))
      .map((placed) => [placed.node.name, precision(placed)]),
  );
};
