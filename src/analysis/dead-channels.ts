import { type Consumer, consumersOf, type Node, type ValueId } from "../graph/graph.js";
import type { Model, QuantizedTensor, WeightValue } from "../graph/model.js";
import type { WeightedNode } from "../graph/stored-form.js";
import { weightNumbers } from "../quant/numbers/quantized-tensor.js";

const isSilentFilter = (
  kernel: WeightValue,
  quantized: QuantizedTensor | undefined,
  filter: number,
): boolean => {
  if (quantized?.scale[filter] === 0) return true;
  // The DoReFa grid of 2 and more bits has no 0.
  if (quantized?.grid.kind === "dorefa") return false;
  const weights = quantized ? quantized.codes : weightNumbers(kernel);
  const size = weights.length / (kernel.shape[0] as number);
  return weights.subarray(filter * size, (filter + 1) * size).every((weight) => weight === 0);
};

/** Nodes that compute each channel of their output from the same channel of their input. */
const KEEPS_CHANNELS: ReadonlySet<Node["kind"]> = new Set([
  "activation",
  "averagePool",
  "batchNorm",
  "dropout",
  "maxPool",
  "prelu",
  "quantize",
]);

/** The factors of a norm: gammas, or their remainder after folding; null if there are none or smaller ones are raised. */
const normFactors = ({ weights }: Model, norm: Node): Float32Array | null => {
  const read = (suffix: string): Float32Array | null => {
    const found = weights.get(`${norm.name}.${suffix}`);
    return found ? weightNumbers(found) : null;
  };
  if (norm.kind === "affine") return read("scale");
  if (norm.kind !== "batchNorm" || (norm.minGamma ?? 0) > 0) return null;
  return read("weight");
};

const hasFactors = (node: Node): boolean =>
  node.kind === "affine" || (node.kind === "batchNorm" && node.hasAffine);

type Consumers = ReadonlyMap<ValueId, readonly Consumer[]>;

/** The norm with factors after a layer, if it alone reads each channel of the layer's output. */
const normAfter = (consumers: Consumers, { name }: Node): Node | null => {
  const [next, ...others] = consumers.get(name) ?? [];
  if (!next?.node || others.length > 0) return null;
  if (hasFactors(next.node)) return next.node;
  return KEEPS_CHANNELS.has(next.node.kind) ? normAfter(consumers, next.node) : null;
};

/** Finds the dead channels of a layer from its kernel and the codes with which it computes. */
export type FindDeadChannels = (
  node: WeightedNode,
  kernel: WeightValue,
  quantized: QuantizedTensor | undefined,
) => number[];

/**
 * Finds dead channels of a model's layers: outputs that are the same for every image, because all quantized weights of their
 * filter are 0 or the gamma of the norm after it is 0. Channels whose inputs are all dead do not count.
 */
export const deadChannelsOf = (model: Model): FindDeadChannels => {
  const consumers = consumersOf(model.graph);
  return (node, kernel, quantized) => {
    const norm = normAfter(consumers, node);
    const factors = norm && normFactors(model, norm);
    return Array.from({ length: kernel.shape[0] as number }, (_, channel) => channel).filter(
      (channel) => factors?.[channel] === 0 || isSilentFilter(kernel, quantized, channel),
    );
  };
};
