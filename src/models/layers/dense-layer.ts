import type { WeightQuantization } from "../../graph/quantizers.js";
import { matrixProduct } from "../../tensor/ops/matrix-product.js";
import { type Tensor2D, tf } from "../../tensor/tf.js";
import type { Parameter } from "../parameter.js";
import { latentWeights } from "./latent-weights.js";
import type { Layer } from "./layer.js";

export interface DenseLayerOptions {
  /** [in, out] */
  readonly weight: Parameter;
  /** [out] */
  readonly bias: Parameter | null;
  /** The trained step of the weights' grid; absent if it is not trained. */
  readonly step?: Parameter | undefined;
  readonly quantization: WeightQuantization;
  /** The net's first layer: the gradient of its input is not computed. */
  readonly isFirst: boolean;
}

/** x w + b: [n, in] -> [n, out], with quantized weights, which every pass computes from the latent weights. */
export const denseLayer = (options: DenseLayerOptions): Layer => {
  const { weight, bias, quantization, isFirst } = options;
  const latent = latentWeights(weight, quantization, options.step);

  const currentWeight = (): Tensor2D => latent.quantized() as Tensor2D;
  const output = (x: Tensor2D, w: Tensor2D): Tensor2D =>
    tf.tidy(() => {
      const y = matrixProduct(x, w, {});
      return bias ? (tf.add(y, bias.value) as Tensor2D) : y;
    });

  return {
    parameters: [weight, ...latent.parameters, ...(bias ? [bias] : [])],
    codes: latent.codes,
    applyConstraints: latent.applyConstraints,
    startCodes: latent.startCodes,
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
          latent.storeGradient(matrixProduct(input, dy, { a: true }));
          if (bias) bias.gradient = tf.sum(dy, 0);
          const dx = isFirst ? null : matrixProduct(dy, w, { b: true });
          tf.dispose([input, dy, w]);
          return dx;
        },
      };
    },
  };
};
