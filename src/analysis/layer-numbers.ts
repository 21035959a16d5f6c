import { gridOf, type Model, type QuantizedTensor, type WeightValue } from "../graph/model.js";
import type { WeightedNode } from "../graph/stored-form.js";
import { quantizeLatentKernel } from "../quant/numbers/quantize-latent-kernel.js";
import { quantizedTensor } from "../quant/numbers/quantized-tensor.js";

/** The kernel of a convolution or dense layer, as it is stored. */
export const kernelOf = ({ weights }: Model, { name }: WeightedNode): WeightValue => {
  const kernel = weights.get(`${name}.weight`);
  if (!kernel) throw new Error(`The model lacks ${name}.weight.`);
  return kernel;
};

/** A trained step; undefined if there is none, or none was chosen yet. */
const stepOf = (value: WeightValue | undefined): number | undefined =>
  value?.kind === "float" ? value.values[0] || undefined : undefined;

/**
 * The weights with which a layer computes as codes, without an engine; undefined if they are not quantized. Latent weights
 * are quantized as in every pass.
 */
export const quantizedKernel = (
  { weights }: Model,
  kernel: WeightValue,
  { name, quantizer }: WeightedNode,
): QuantizedTensor | undefined => {
  if (kernel.kind === "quantized") return kernel;
  if (!gridOf(quantizer)) return undefined;
  const [outputs, inputs, height = 1, width = 1] = kernel.shape as [
    number,
    number,
    number?,
    number?,
  ];
  const latent = {
    values: kernel.values,
    shape: [outputs, inputs, height, width] as const,
    lastCodes: kernel.lastCodes,
    step: stepOf(weights.get(`${name}.weight_step`)),
  };
  const quantized = quantizeLatentKernel(latent, quantizer);
  return quantized && quantizedTensor(kernel.shape, quantized);
};
