import type { Node, NodeOf } from "../graph/graph.js";
import { type FloatTensor, gridOf, type Model, type WeightValue } from "../graph/model.js";
import { storesRange, type WeightQuantization } from "../graph/quantizers.js";
import { isWeighted } from "../graph/stored-form.js";
import { isLearnedQuantizer, rangeOf } from "../quant/activations/learned-quantizer.js";
import { affineGrid } from "../quant/numbers/affine-grid.js";
import { affineKernel } from "../quant/numbers/affine-kernel.js";
import { levelsOf } from "../quant/numbers/grids.js";
import { quantizedTensor, toQuantizedTensor } from "../quant/numbers/quantized-tensor.js";
import { quantizeWeights } from "../quant/tensors/quantize-weights.js";
import { learnedWeights } from "../tensor/ops/learned-weights.js";
import { tf } from "../tensor/tf.js";

type Shape4D = [number, number, number, number];

/** A kernel [out, in, kh, kw], or a matrix [out, in], as a tensor [kh, kw, in, out]. */
const toKernel = (values: Float32Array, shape: readonly number[]): tf.Tensor => {
  const [outputs, inputs, kh = 1, kw = 1] = shape as Shape4D;
  return tf.tidy(() => tf.transpose(tf.tensor4d(values, [outputs, inputs, kh, kw]), [2, 3, 1, 0]));
};

/** The values that the engine computes with in place of latent weights. */
const engineValues = (
  latent: FloatTensor,
  quantizer: WeightQuantization,
  step: number | undefined,
): Float32Array => {
  const tensor = tf.tidy(() => {
    const { values, shape, lastCodes } = latent;
    const last = lastCodes ? toKernel(lastCodes, shape) : null;
    const kernel = toKernel(values, shape);
    const quantized =
      step !== undefined && quantizer.kind === "dorefa"
        ? learnedWeights(kernel, tf.tensor1d([step]), levelsOf(quantizer.bits))
        : quantizeWeights(kernel, quantizer, last);
    return tf.transpose(quantized, [3, 2, 0, 1]);
  });
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
};

const quantized = (
  latent: WeightValue | undefined,
  quantizer: WeightQuantization,
  step: number | undefined,
) => {
  if (latent?.kind !== "float") throw new Error("Latent weights are float.");
  const { shape, values } = latent;
  const grid = gridOf(quantizer);
  // The hysteresis state has no use once the weights are quantized.
  if (!grid) return { kind: "float", shape, values } as const;
  if (quantizer.kind === "affine")
    return quantizedTensor(shape, affineKernel(values, shape[0] as number, quantizer));
  return toQuantizedTensor(engineValues(latent, quantizer, step), { shape, grid });
};

/** The trained numbers of a grid. @throws Error if the model lacks them. */
const numbersOf = (weights: Model["weights"], name: string): Float32Array => {
  const value = weights.get(name);
  if (value?.kind !== "float") throw new Error(`The model lacks ${name}.`);
  return value.values;
};

/** The trained number of a grid: a step or clipping level. */
const numberOf = (weights: Model["weights"], name: string): number =>
  numbersOf(weights, name)[0] as number;

/** A quantizer of activations with its trained range as a constant factor. */
const withFixedRange = (node: NodeOf<"quantize">, weights: Map<string, WeightValue>): Node => {
  const { quantizer } = node;
  if (storesRange(quantizer)) {
    const name = `${node.name}.range`;
    const [low, high] = numbersOf(weights, name) as unknown as [number, number];
    weights.delete(name);
    const range = { kind: "fixed", ...affineGrid({ low, high }, quantizer) } as const;
    return { ...node, quantizer: { ...quantizer, range } };
  }
  if (!isLearnedQuantizer(quantizer)) return node;
  const name = `${node.name}.${quantizer.learned === "lsq" ? "step" : "clip"}`;
  const { learned: _, ...fixed } = quantizer;
  const scale = Math.fround(1 / rangeOf(quantizer, numberOf(weights, name)));
  weights.delete(name);
  return { ...node, quantizer: { ...fixed, scale } };
};

/**
 * Replaces a model's latent weights by the quantized ones with which it computes, as codes. Needs an engine. Layers whose
 * weights are quantized already stay unchanged. Trained ranges of activations become constant factors.
 */
export const bakeWeights = ({ graph, weights: before }: Model): Model => {
  const weights = new Map(before);
  const nodes = graph.nodes.map((node): Node => {
    if (node.kind === "quantize") return withFixedRange(node, weights);
    if (!isWeighted(node) || node.stored !== "latent") return node;
    const { quantizer } = node;
    const name = `${node.name}.weight`;
    if (quantizer.kind !== "dorefa" || !quantizer.isLearned) {
      weights.set(name, quantized(before.get(name), quantizer, undefined));
      return { ...node, stored: "quantized" };
    }
    const step = `${name}_step`;
    weights.set(name, quantized(before.get(name), quantizer, numberOf(before, step)));
    weights.delete(step);
    return { ...node, quantizer: { kind: "dorefa", bits: quantizer.bits }, stored: "quantized" };
  });
  return { graph: { ...graph, nodes }, weights };
};
