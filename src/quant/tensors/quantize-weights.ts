import { type Tensor, tf } from "../../tensor/tf.js";
import type { WeightQuantization } from "../quantization.js";
import { binaryWeightsGradient, quantizeBinaryWeights } from "./binary-weights.js";
import { doReFaWeightsGradient, quantizeDoReFaWeights } from "./dorefa-weights.js";
import { quantizeTernaryWeights, type TernaryGap, ternaryCodes } from "./ternary-weights.js";

type Ternary = Extract<WeightQuantization, { kind: "ternary" }>;

const gapOf = ({ gapRatio }: Ternary, previous: Tensor | null): TernaryGap | undefined =>
  gapRatio === null ? undefined : { ratio: gapRatio, previous };

/**
 * The codes that the weights in a gap must remember, or null where nothing depends on history.
 * `codes` are those of the last step, null at the start.
 */
export const nextCodes = (
  latent: Tensor,
  quantization: WeightQuantization,
  codes: Tensor | null,
): Tensor | null =>
  quantization.kind === "ternary" && quantization.gapRatio !== null
    ? ternaryCodes(latent, gapOf(quantization, codes))
    : null;

/**
 * The weights that a convolution computes with, from its latent weights [kh, kw, cIn / groups, cOut].
 * `codes` are those of the last step, which ternary weights in the gap keep; null at the start.
 */
export const quantizeWeights = (
  latent: Tensor,
  quantization: WeightQuantization,
  codes: Tensor | null,
): Tensor => {
  switch (quantization.kind) {
    case "float":
      return tf.clone(latent);
    case "dorefa":
      return quantizeDoReFaWeights(latent, quantization.bits);
    case "binary":
      return quantizeBinaryWeights(latent, quantization.hasAlpha);
    case "ternary":
      return quantizeTernaryWeights(latent, quantization.hasAlpha, gapOf(quantization, codes));
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
    case "binary":
      return binaryWeightsGradient(dQuantized, latent);
    case "ternary":
      return tf.clone(dQuantized);
  }
};
