import { type Tensor, tf } from "../core/tf.js";
import { doReFaWeightsGradient, quantizeDoReFaWeights } from "./dorefa-weights.js";
import type { WeightQuantization } from "./quantization.js";

/** The weights that a convolution computes with, from its latent weights [kh, kw, cIn / groups, cOut]. */
export const quantizeWeights = (latent: Tensor, quantization: WeightQuantization): Tensor => {
  switch (quantization.kind) {
    case "float":
      return tf.clone(latent);
    case "dorefa":
      return quantizeDoReFaWeights(latent, quantization.bits);
  }
};

/** What flows back to the latent weights from the gradient of the quantized ones. */
export const weightsGradient = (
  dQuantized: Tensor,
  latent: Tensor,
  quantization: WeightQuantization,
): Tensor => {
  switch (quantization.kind) {
    case "float":
      return tf.clone(dQuantized);
    case "dorefa":
      return doReFaWeightsGradient(dQuantized, latent, quantization.bits);
  }
};
