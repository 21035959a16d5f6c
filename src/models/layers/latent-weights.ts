import { isConstrained, type WeightQuantization } from "../../graph/quantizers.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import { constrainWeights } from "../../quant/tensors/constrain-weights.js";
import type { HysteresisState } from "../../quant/tensors/hysteresis-state.js";
import {
  nextCodes,
  quantizeWeights,
  weightsGradient,
} from "../../quant/tensors/quantize-weights.js";
import { learnedWeights, learnedWeightsGradient } from "../../tensor/ops/learned-weights.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { type Parameter, replaceValue } from "../parameter.js";
import { firstStep, stepGradientFactor } from "./learned-range.js";

/** The latent weights of a convolution or dense layer, with their quantizer and its hysteresis state. */
export interface LatentWeights {
  /** The trained step of the weights' grid, if they have one. */
  readonly parameters: readonly Parameter[];
  /** The hysteresis state; empty for quantizers without one. */
  readonly codes: readonly HysteresisState[];
  /** The quantized weights in the shape of the latent ones. The caller owns them. */
  readonly quantized: () => Tensor;
  /** Stores the gradient of the latent weights, from that of the quantized ones, which it takes over. */
  readonly storeGradient: (dQuantized: Tensor) => void;
  /** Centers and clamps latent weights that are constrained, and updates the hysteresis state. */
  readonly applyConstraints: () => void;
  /** Computes the hysteresis state of weights that stay as they are, if there is none. */
  readonly startCodes: () => void;
}

/** Weights as a kernel: a dense layer's [in, out] are those of a 1x1 convolution, [1, 1, in, out]. */
const asKernel = (weights: Tensor): Tensor => {
  const [inputs, outputs] = weights.shape as [number, number];
  return weights.rank === 2 ? tf.reshape(weights, [1, 1, inputs, outputs]) : weights;
};

/** Latent weights: a kernel [kh, kw, cIn / groups, cOut], or the matrix [in, out] of a dense layer. */
export const latentWeights = (
  weight: Parameter,
  quantization: WeightQuantization,
  step?: Parameter,
): LatentWeights =>
  step && quantization.kind === "dorefa"
    ? learnedStepWeights(weight, quantization.bits, step)
    : fixedWeights(weight, quantization);

/** Weights whose grid has a trained step (see {@link learnedWeights}). The first step is that of the first weights. */
const learnedStepWeights = (weight: Parameter, bits: number, step: Parameter): LatentWeights => {
  const levels = levelsOf(bits);
  // The grid reaches from -levels / 2 to levels / 2 steps.
  const reach = levels / 2;
  let hasStarted = false;
  const start = (): void => {
    if (hasStarted) return;
    hasStarted = true;
    if (step.value.dataSync()[0] === 0) replaceValue(step, firstStep(weight.value, reach));
  };
  return {
    parameters: [step],
    codes: [],
    quantized: () => {
      start();
      return learnedWeights(weight.value, step.value, levels);
    },
    storeGradient: (dQuantized) => {
      const { dw, dStep } = learnedWeightsGradient(dQuantized, weight.value, step.value, levels);
      weight.gradient = dw;
      step.gradient = tf.tidy(() => tf.mul(dStep, stepGradientFactor(weight.value.size, reach)));
      tf.dispose([dQuantized, dStep]);
    },
    applyConstraints: () => {},
    startCodes: () => {},
  };
};

const fixedWeights = (weight: Parameter, quantization: WeightQuantization): LatentWeights => {
  const state: HysteresisState = { name: weight.name, codes: null };
  const isMatrix = weight.value.rank === 2;
  const hasState = quantization.kind === "ternary" && quantization.gapRatio !== null;

  /** A function of kernels, in the shape of the weights. */
  const inShape = (compute: (kernel: Tensor) => Tensor): Tensor =>
    tf.tidy(() => {
      const result = compute(asKernel(weight.value));
      return isMatrix ? tf.reshape(result, weight.value.shape) : result;
    });
  const updateCodes = (): void => {
    const kernel = asKernel(weight.value);
    const codes = nextCodes(kernel, quantization, state.codes);
    if (isMatrix) kernel.dispose();
    state.codes?.dispose();
    state.codes = codes;
  };

  return {
    parameters: [],
    codes: hasState ? [state] : [],
    quantized: () => inShape((kernel) => quantizeWeights(kernel, quantization, state.codes)),
    storeGradient: (dQuantized) => {
      weight.gradient = inShape((kernel) =>
        weightsGradient(asKernel(dQuantized), kernel, quantization),
      );
      dQuantized.dispose();
    },
    applyConstraints: () => {
      if (!isConstrained(quantization)) return;
      replaceValue(weight, inShape(constrainWeights));
      updateCodes();
    },
    startCodes: () => {
      if (hasState && !state.codes) updateCodes();
    },
  };
};
