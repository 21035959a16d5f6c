import {
  type ConvGeometry,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../core/ops/conv2d.js";
import { type Tensor4D, tf } from "../../core/tf.js";
import type { WeightQuantization } from "../../quant/quantization.js";
import { quantizeWeights, weightsGradient } from "../../quant/quantize-weights.js";
import type { Parameter } from "../parameter.js";
import type { Layer } from "./layer.js";

export interface ConvLayerOptions {
  readonly weight: Parameter;
  /**
   * The bias of a convolution in front of a batch norm. It is not added here: the norm removes it
   * again, so only the running mean has to know it (see norm-layer.ts), and its gradient is zero.
   */
  readonly bias: Parameter;
  readonly geometry: ConvGeometry;
  readonly quantization: WeightQuantization;
  /** The net's first layer: the gradient of its input is not computed. */
  readonly isFirst: boolean;
}

/** A convolution with quantized weights, computed from the latent ones in every pass. */
export const convLayer = (options: ConvLayerOptions): Layer => {
  const { weight, bias, geometry, quantization, isFirst } = options;
  const currentKernel = (): Tensor4D => quantizeWeights(weight.value, quantization) as Tensor4D;
  return {
    parameters: [weight, bias],
    buffers: [],
    infer: (x) => {
      const kernel = currentKernel();
      const y = conv2d(x as Tensor4D, kernel, geometry);
      tf.dispose([x, kernel]);
      return y;
    },
    train: (x) => {
      const input = x as Tensor4D;
      const kernel = currentKernel();
      return {
        y: conv2d(input, kernel, geometry),
        backward: (dy) => {
          const dKernel = conv2dKernelGradient(input, dy as Tensor4D, kernel.shape, geometry);
          weight.gradient = weightsGradient(dKernel, weight.value, quantization);
          bias.gradient = tf.zerosLike(bias.value);
          const inputShape = input.shape;
          tf.dispose([dKernel, input]);
          const dx = isFirst
            ? null
            : conv2dInputGradient(dy as Tensor4D, kernel, inputShape, geometry);
          tf.dispose([dy, kernel]);
          return dx;
        },
      };
    },
  };
};
