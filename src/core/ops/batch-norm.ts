import { defineOp } from "../op.js";
import { type Tensor1D, type Tensor4D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";

/** What {@link batchNormTrain} gives: the output and the statistics of the batch, per channel. */
export interface BatchNormResult {
  readonly y: Tensor4D;
  readonly mean: Tensor1D;
  /** The biased variance, which normalises the batch. */
  readonly variance: Tensor1D;
  /** The unbiased variance (n / (n - 1) times the biased), which enters the running statistics. */
  readonly unbiasedVariance: Tensor1D;
}

export interface BatchNormGradients {
  readonly dx: Tensor4D;
  readonly dGamma: Tensor1D;
  readonly dBeta: Tensor1D;
}

/** What the gradient needs from the forward pass: all per channel but x, the input of the norm. */
export interface BatchNormSaved {
  readonly x: Tensor4D;
  readonly gamma: Tensor1D;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

const AXES = [0, 1, 2];

/** Batch normalisation with the statistics of the batch: gamma (x - mean) / sqrt(variance + epsilon) + beta. */
export const batchNormTrain = defineOp(
  "batchNormTrain",
  (x: Tensor4D, gamma: Tensor1D, beta: Tensor1D, epsilon: number): BatchNormResult =>
    tidyObject(() => {
      const [n, h, w] = x.shape;
      const count = n * h * w;
      const mean = tf.mean(x, AXES) as Tensor1D;
      const variance = tf.mean(tf.square(tf.sub(x, mean)), AXES) as Tensor1D;
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
      const y = tf.add(tf.mul(tf.sub(x, mean), scale), beta) as Tensor4D;
      // PyTorch divides by n - 1 and refuses a single value per channel; here that value counts as it is.
      const unbiasedVariance = tf.mul(variance, count / Math.max(count - 1, 1)) as Tensor1D;
      return { y, mean, variance, unbiasedVariance };
    }),
);

/** Gradients of {@link batchNormTrain}; the statistics of the batch are differentiated too. */
export const batchNormGradient = defineOp(
  "batchNormGradient",
  (dy: Tensor4D, saved: BatchNormSaved, epsilon: number): BatchNormGradients =>
    tidyObject(() => {
      const { x, gamma, mean, variance } = saved;
      const rsd = tf.rsqrt(tf.add(variance, epsilon));
      const normalised = tf.mul(tf.sub(x, mean), rsd);
      const dBeta = tf.sum(dy, AXES) as Tensor1D;
      const dGamma = tf.sum(tf.mul(dy, normalised), AXES) as Tensor1D;
      const [n, h, w] = x.shape;
      const inverseCount = 1 / (n * h * w);
      const common = tf.add(dBeta, tf.mul(normalised, dGamma));
      const dx = tf.mul(tf.sub(dy, tf.mul(common, inverseCount)), tf.mul(gamma, rsd)) as Tensor4D;
      return { dx, dGamma, dBeta };
    }),
);

/** x scale + shift per channel: batch normalisation with fixed statistics. x: [n, h, w, c], the rest [c]. */
export const scaleAndShift = defineOp(
  "scaleAndShift",
  (x: Tensor4D, scale: Tensor1D, shift: Tensor1D): Tensor4D =>
    tf.tidy(() => tf.add(tf.mul(x, scale), shift) as Tensor4D),
);
