import type { Node } from "../graph/graph.js";
import type { FloatTensor, WeightValue } from "../graph/model.js";
import type { WeightedNode } from "../graph/stored-form.js";
import type { NormChannel } from "../passes/norm-channels.js";
import { scaleFilters, weightNumbers } from "../quant/numbers/quantized-tensor.js";
import type { Fold, Threshold } from "./fold.js";

/** The tensors of a convolution or dense layer. */
export interface LayerWeights {
  readonly kernel: WeightValue;
  readonly bias: Float32Array;
}

/** A convolution or dense layer with float weights. */
export interface FloatLayer {
  readonly node: WeightedNode;
  readonly kernel: FloatTensor;
}

export const vectorOf = (values: Float32Array): WeightValue => ({
  kind: "float",
  shape: [values.length],
  values,
});

/**
 * Folds the norm after a layer into its kernel and bias. Quantized weights stay on their grid: the factors become part of
 * the scale of each filter.
 */
export const foldAfter = (
  { kernel, bias }: LayerWeights,
  channels: readonly NormChannel[],
  rule: (channel: NormChannel, bias: number) => Fold,
): LayerWeights => {
  const folds = channels.map((channel, filter) => rule(channel, bias[filter] as number));
  return {
    kernel: scaleFilters(
      kernel,
      folds.map(({ factor }) => factor),
    ),
    bias: Float32Array.from(folds, ({ bias: folded }) => folded),
  };
};

/** A model whose layers are being replaced; nodes and weights by name, as they are so far. */
interface Layers {
  readonly nodes: Map<string, Node>;
  readonly weights: Map<string, WeightValue>;
}

/** The bias of a layer; zeros if it has none. */
export const biasOf = (
  { weights }: Pick<Layers, "weights">,
  { name }: WeightedNode,
  filters: number,
): Float32Array => {
  const bias = weights.get(`${name}.bias`);
  return bias ? weightNumbers(bias) : new Float32Array(filters);
};

/** Puts folded weights in place of those of a layer, which then has a bias. */
export const replaceLayer = (
  { nodes, weights }: Layers,
  node: WeightedNode,
  { kernel, bias }: LayerWeights,
): void => {
  weights.set(`${node.name}.weight`, kernel);
  weights.set(`${node.name}.bias`, vectorOf(bias));
  nodes.set(node.name, { ...node, hasBias: true });
};

/**
 * Folds scale x - threshold of each input channel into the kernel and bias of the layer that reads it, which has no padding and
 * float weights.
 */
export const foldBefore = (
  { node, kernel: { shape, values } }: FloatLayer,
  bias: Float32Array,
  thresholds: readonly Threshold[],
): LayerWeights => {
  const [filters, perGroup, kh = 1, kw = 1] = shape as [number, number, number?, number?];
  const groups = node.kind === "conv" ? node.groups : 1;
  const [area, perFilter] = [kh * kw, perGroup * kh * kw];
  const sums = Float64Array.from(bias);
  const kernel = values.map((weight, index) => {
    const filter = Math.floor(index / perFilter);
    const group = Math.floor((filter * groups) / filters);
    const input = group * perGroup + (Math.floor(index / area) % perGroup);
    const { scale, threshold } = thresholds[input] as Threshold;
    sums[filter] = (sums[filter] as number) - weight * threshold;
    return weight * scale;
  });
  return { kernel: { kind: "float", shape, values: kernel }, bias: Float32Array.from(sums) };
};
