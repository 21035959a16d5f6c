import type { WeightQuantization } from "../../graph/quantizers.js";
import { codedConv2dActivate } from "../../tensor/ops/coded-conv-activate.js";
import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import type { MapStorage } from "../../tensor/storage.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import type { Parameter } from "../parameter.js";
import type { Precision } from "../precision.js";
import { convolutionIn, convolve } from "./convolve.js";
import { latentWeights } from "./latent-weights.js";
import type { Layer } from "./layer.js";
import type { LayerStorage } from "./layer-storage.js";

export interface ConvLayerOptions {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  /** The trained step of the weights' grid; absent if it is not trained. */
  readonly step?: Parameter | undefined;
  /**
   * False if a batch norm follows, which would remove the bias. Then the bias is not added here, its gradient is 0, and only
   * the running mean includes it (see norm-layer.ts).
   */
  readonly addsBias: boolean;
  readonly geometry: ConvGeometry;
  readonly quantization: WeightQuantization;
  /** The levels of the input if input and weights are quantized, for codedConv2d; otherwise null. */
  readonly codeLevels: number | null;
  /** Of the gradients, and of the output unless it is computed with integer codes. */
  readonly precision: Precision;
  readonly storage: LayerStorage;
  /** The net's first layer: the gradient of its input is not computed. */
  readonly isFirst: boolean;
}

const POSITION_AXES = [0, 1, 2];

/** A convolution with quantized weights, which every pass computes from the latent weights. */
export const convLayer = (options: ConvLayerOptions): Layer => {
  const { weight, bias, addsBias, geometry, quantization, codeLevels, storage, isFirst } = options;
  const convolution = convolutionIn(options.precision, weight.value.shape, geometry, storage);
  const inferred: MapStorage = { x: storage.x, y: storage.inferred };
  const latent = latentWeights(weight, quantization, options.step);

  const currentKernel = (): Tensor4D => latent.quantized() as Tensor4D;
  const output = (x: Tensor4D, kernel: Tensor4D, stored: MapStorage): Tensor4D =>
    tf.tidy(() => {
      const y = convolve(x, kernel, codeLevels, geometry, convolution, stored);
      return addsBias && bias ? (tf.add(y, bias.value) as Tensor4D) : y;
    });

  return {
    parameters: [weight, ...latent.parameters, ...(bias ? [bias] : [])],
    codes: latent.codes,
    applyConstraints: latent.applyConstraints,
    startCodes: latent.startCodes,
    infer: (x) => {
      const kernel = currentKernel();
      const y = output(x as Tensor4D, kernel, inferred);
      tf.dispose([x, kernel]);
      return y;
    },
    ...(codeLevels !== null &&
      !(addsBias && bias) && {
        inferThen: (x, { affine, tail, y }) => {
          const kernel = currentKernel();
          const stored = { x: storage.x, y };
          const map = x as Tensor4D;
          const result = codedConv2dActivate(
            map,
            kernel,
            codeLevels,
            geometry,
            affine,
            tail,
            stored,
          );
          tf.dispose([map, kernel]);
          return result;
        },
      }),
    train: (x, recompute) => {
      const kernel = currentKernel();
      const y = output(x as Tensor4D, kernel, storage);
      if (recompute) x.dispose();
      return {
        y,
        backward: (dy) => {
          const input = (recompute ? recompute() : x) as Tensor4D;
          latent.storeGradient(
            convolution.kernelGradient(input, dy as Tensor4D, kernel.shape, geometry),
          );
          if (bias) bias.gradient = addsBias ? tf.sum(dy, POSITION_AXES) : tf.zerosLike(bias.value);
          const inputShape = input.shape;
          input.dispose();
          const dx = isFirst
            ? null
            : convolution.inputGradient(dy as Tensor4D, kernel, inputShape, geometry);
          tf.dispose([dy, kernel]);
          return dx;
        },
      };
    },
  };
};
