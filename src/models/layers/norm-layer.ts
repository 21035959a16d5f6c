import {
  affineActivate,
  type NormTail,
  normActivateGradient,
  normActivateTrain,
} from "../../core/ops/norm-activate.js";
import { type Tensor, type Tensor1D, type Tensor4D, tf } from "../../core/tf.js";
import { type Parameter, replaceValue, type StateTensor } from "../parameter.js";
import type { Layer } from "./layer.js";

export interface NormLayerOptions {
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly movingMean: StateTensor;
  readonly movingVariance: StateTensor;
  /** The bias that the convolution in front left out; the statistics are those with it. */
  readonly inputBias: Parameter;
  readonly epsilon: number;
  readonly newStatWeight: number;
  readonly tail: NormTail;
  /** Told of every training pass (PyTorch's num_batches_tracked). */
  readonly countBatch: () => void;
}

/** Batch normalisation with the activation and the shuffle behind it. */
export const normLayer = (options: NormLayerOptions): Layer => {
  const { gamma, beta, movingMean, movingVariance, inputBias, epsilon, newStatWeight, tail } =
    options;

  const updateMoving = (state: StateTensor, batch: Tensor): void =>
    replaceValue(
      state,
      tf.tidy(() => tf.add(tf.mul(state.value, 1 - newStatWeight), tf.mul(batch, newStatWeight))),
    );

  return {
    parameters: [gamma, beta],
    buffers: [movingMean, movingVariance],
    infer: (x) => {
      const y = tf.tidy(() => {
        const center = tf.sub(movingMean.value, inputBias.value) as Tensor1D;
        const deviation = tf.sqrt(tf.add(movingVariance.value, epsilon));
        const scale = tf.div(gamma.value, deviation) as Tensor1D;
        return affineActivate(
          x as Tensor4D,
          { center, scale, shift: beta.value as Tensor1D },
          tail,
        );
      });
      x.dispose();
      return y;
    },
    train: (x) => {
      const gammaNow = gamma.value as Tensor1D;
      const betaNow = beta.value as Tensor1D;
      const result = normActivateTrain(x as Tensor4D, gammaNow, betaNow, epsilon, tail);
      const meanWithBias = tf.add(result.mean, inputBias.value);
      updateMoving(movingMean, meanWithBias);
      updateMoving(movingVariance, result.unbiasedVariance);
      tf.dispose([meanWithBias, result.unbiasedVariance]);
      options.countBatch();
      return {
        y: result.y,
        backward: (dy) => {
          const { mean, variance } = result;
          const saved = { x: x as Tensor4D, gamma: gammaNow, beta: betaNow, mean, variance };
          const gradients = normActivateGradient(dy as Tensor4D, saved, epsilon, tail);
          gamma.gradient = gradients.dGamma;
          beta.gradient = gradients.dBeta;
          tf.dispose([dy, x, mean, variance]);
          return gradients.dx;
        },
      };
    },
  };
};
