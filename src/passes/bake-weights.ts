import type { Node } from "../graph/graph.js";
import { type FloatTensor, gridOf, type Model, type WeightValue } from "../graph/model.js";
import type { WeightQuantization } from "../graph/quantizers.js";
import { isWeighted } from "../graph/stored-form.js";
import { toQuantizedTensor } from "../quant/numbers/quantized-tensor.js";
import { quantizeWeights } from "../quant/tensors/quantize-weights.js";
import { tf } from "../tensor/tf.js";

type Shape4D = [number, number, number, number];

/** A kernel [out, in, kh, kw], or a matrix [out, in], as a tensor [kh, kw, in, out]. */
const toKernel = (values: Float32Array, shape: readonly number[]): tf.Tensor => {
  const [outputs, inputs, kh = 1, kw = 1] = shape as Shape4D;
  return tf.tidy(() => tf.transpose(tf.tensor4d(values, [outputs, inputs, kh, kw]), [2, 3, 1, 0]));
};

/** The values that the engine computes with in place of latent weights. */
const engineValues = (latent: FloatTensor, quantizer: WeightQuantization): Float32Array => {
  const tensor = tf.tidy(() => {
    const { values, shape, lastCodes } = latent;
    const last = lastCodes ? toKernel(lastCodes, shape) : null;
    return tf.transpose(quantizeWeights(toKernel(values, shape), quantizer, last), [3, 2, 0, 1]);
  });
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
};

const quantized = (latent: WeightValue | undefined, quantizer: WeightQuantization) => {
  if (latent?.kind !== "float") throw new Error("Latent weights are float.");
  const { shape, values } = latent;
  const grid = gridOf(quantizer);
  // The hysteresis state has no use once the weights are quantized.
  if (!grid) return { kind: "float", shape, values } as const;
  return toQuantizedTensor(engineValues(latent, quantizer), { shape, grid });
};

/**
 * Replaces a model's latent weights by the quantized ones with which it computes, as codes. Needs an engine. Layers whose
 * weights are quantized already stay unchanged.
 */
export const bakeWeights = ({ graph, weights: before }: Model): Model => {
  const weights = new Map(before);
  const nodes = graph.nodes.map((node): Node => {
    if (!isWeighted(node) || node.stored !== "latent") return node;
    const name = `${node.name}.weight`;
    weights.set(name, quantized(before.get(name), node.quantizer));
    return { ...node, stored: "quantized" };
  });
  return { graph: { ...graph, nodes }, weights };
};
