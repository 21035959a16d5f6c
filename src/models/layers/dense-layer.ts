import { isConstrained, type WeightQuantization } from "../../graph/quantizers.js";
import { constrainWeights } from "../../quant/tensors/constrain-weights.js";
import type { HysteresisState } from "../../quant/tensors/hysteresis-state.js";
import {
  nextCodes,
  quantizeWeights,
  weightsGradient,
} from "../../quant/tensors/quantize-weights.js";
import { matrixProduct } from "../../tensor/ops/matrix-product.js";
import { type Tensor, type Tensor2D, type Tensor4D, tf } from "../../tensor/tf.js";
import { type Parameter, replaceValue } from "../parameter.js";
import type { Layer } from "./layer.js";

export interface DenseLayerOptions {
  /** [in, out] */
  readonly weight: Parameter;
  /** [out] */
  readonly bias: Parameter | null;
  readonly quantization: WeightQuantization;
  /** The net's first layer: the gradient of its input is not computed. */
  readonly isFirst: boolean;
}

/** A dense layer's weights [in, out] as the kernel of a 1x1 convolution, where an output is a filter: [1, 1, in, out]. */
const asKernel = (weight: Tensor): Tensor4D =>
  tf.reshape(weight, [1, 1, weight.shape[0] as number, weight.shape[1] as number]);

const asMatrix = (kernel: Tensor): Tensor2D =>
  tf.reshape(kernel, [kernel.shape[2] as number, kernel.shape[3] as number]);

/** x w + b: [n, in] -> [n, out], with quantized weights, which every pass computes from the latent weights. */
export const denseLayer = (options: DenseLayerOptions): Layer => {
  const { weight, bias, quantization, isFirst } = options;
  // The codes have the shape of the kernel.
  const state: HysteresisState = { name: weight.name, codes: null };
  const hasState = quantization.kind === "ternary" && quantization.gapRatio !== null;

  const currentWeight = (): Tensor2D =>
    tf.tidy(() => asMatrix(quantizeWeights(asKernel(weight.value), quantization, state.codes)));
  const output = (x: Tensor2D, w: Tensor2D): Tensor2D =>
    tf.tidy(() => {
      const y = matrixProduct(x, w, {});
      return bias ? (tf.add(y, bias.value) as Tensor2D) : y;
    });
  const latentGradient = (x: Tensor2D, dy: Tensor2D): Tensor =>
    tf.tidy(() => {
      const dKernel = asKernel(matrixProduct(x, dy, { a: true }));
      return asMatrix(weightsGradient(dKernel, asKernel(weight.value), quantization));
    });

  return {
    parameters: bias ? [weight, bias] : [weight],
    codes: hasState ? [state] : [],
    applyConstraints: () => {
      if (!isConstrained(quantization)) return;
      replaceValue(
        weight,
        tf.tidy(() => asMatrix(constrainWeights(asKernel(weight.value)))),
      );
      const kernel = asKernel(weight.value);
      const codes = nextCodes(kernel, quantization, state.codes);
      tf.dispose(state.codes ? [kernel, state.codes] : kernel);
      state.codes = codes;
    },
    infer: (x) => {
      const w = currentWeight();
      const y = output(x as Tensor2D, w);
      tf.dispose([x, w]);
      return y;
    },
    train: (x, recompute) => {
      const w = currentWeight();
      const y = output(x as Tensor2D, w);
      if (recompute) x.dispose();
      return {
        y,
        backward: (gradient) => {
          const dy = gradient as Tensor2D;
          const input = (recompute ? recompute() : x) as Tensor2D;
          weight.gradient = latentGradient(input, dy);
          if (bias) bias.gradient = tf.sum(dy, 0);
          const dx = isFirst ? null : matrixProduct(dy, w, { b: true });
          tf.dispose([input, dy, w]);
          return dx;
        },
      };
    },
  };
};
