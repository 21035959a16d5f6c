import type { WeightQuantization } from "../../graph/quantizers.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { quantizeAffineWeights } from "./affine-weights.js";
import { binaryWeightsGradient, quantizeBinaryWeights } from "./binary-weights.js";
import { doReFaWeightsGradient, quantizeDoReFaWeights } from "./dorefa-weights.js";
import { type HysteresisBand, quantizeTernaryWeights, ternaryCodes } from "./ternary-weights.js";

type Ternary = Extract<WeightQuantization, { kind: "ternary" }>;

const bandOf = ({ gapRatio }: Ternary, lastCodes: Tensor | null): HysteresisBand | undefined =>
  gapRatio === null ? undefined : { ratio: gapRatio, lastCodes };

/**
 * The codes that ternary weights with a hysteresis band keep for the next step; null for all other weights.
 * `lastCodes` are those of the last step, null at the start.
 */
export const nextCodes = (
  latent: Tensor,
  quantization: WeightQuantization,
  lastCodes: Tensor | null,
): Tensor | null =>
  quantization.kind === "ternary" && quantization.gapRatio !== null
    ? ternaryCodes(latent, bandOf(quantization, lastCodes))
    : null;

/**
 * The quantized weights of a convolution from its latent weights [kh, kw, cIn / groups, cOut]; see the quantizers for
 * formulas. `lastCodes` are those of the last step, for ternary weights with a hysteresis band; null at the start.
 */
export const quantizeWeights = (
  latent: Tensor,
  quantization: WeightQuantization,
  lastCodes: Tensor | null,
): Tensor => {
  switch (quantization.kind) {
    case "float":
      return tf.clone(latent);
    case "dorefa":
      return quantizeDoReFaWeights(latent, quantization.bits);
    case "binary":
      return quantizeBinaryWeights(latent, quantization.hasAlpha);
    case "ternary":
      return quantizeTernaryWeights(latent, quantization.hasAlpha, bandOf(quantization, lastCodes));
    case "affine":
      return quantizeAffineWeights(latent, quantization);
  }
};

/** The gradient of the latent weights from the gradient of the quantized ones; see the quantizers for formulas. */
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
    case "affine":
      return tf.clone(dQuantized);
  }
};
