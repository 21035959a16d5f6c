import { defineOp } from "../op.js";
import { type Tensor1D, type Tensor4D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";
import { type Activation, activate, activateGradient } from "./activation.js";
import { channelShuffle } from "./channel-shuffle.js";

/** What follows a normalization in the same pass: an activation, then a channel shuffle (1: none). */
export interface NormTail {
  readonly activation: Activation;
  readonly shuffleGroups: number;
}

/** The output of {@link normActivateTrain} and the statistics of the batch, per channel. */
export interface NormResult {
  readonly y: Tensor4D;
  readonly mean: Tensor1D;
  /** The biased variance, which normalizes the batch. */
  readonly variance: Tensor1D;
  /** The unbiased variance (n / (n - 1) times the biased one), for the running statistics. */
  readonly unbiasedVariance: Tensor1D;
}

/** What the gradient needs from the forward pass: the norm's input x [n, h, w, c], and numbers per channel. */
export interface NormSaved {
  readonly x: Tensor4D;
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

export interface NormGradients {
  readonly dx: Tensor4D;
  readonly dGamma: Tensor1D;
  readonly dBeta: Tensor1D;
}

const BATCH_AXES = [0, 1, 2];

const finish = (z: Tensor4D, { activation, shuffleGroups }: NormTail): Tensor4D => {
  const y = activate.plain(z, activation) as Tensor4D;
  return shuffleGroups === 1 ? y : channelShuffle.plain(y, shuffleGroups);
};

const positions = (x: Tensor4D): number => x.shape[0] * x.shape[1] * x.shape[2];

/**
 * Batch normalization with the statistics of the batch (Ioffe & Szegedy 2015, algorithm 1):
 * gamma (x - mean) / sqrt(variance + epsilon) + beta, then the tail.
 */
export const normActivateTrain = defineOp(
  "normActivateTrain",
  (x: Tensor4D, gamma: Tensor1D, beta: Tensor1D, epsilon: number, tail: NormTail): NormResult =>
    tidyObject(() => {
      const mean = tf.mean(x, BATCH_AXES) as Tensor1D;
      const centered = tf.sub(x, mean);
      const variance = tf.mean(tf.square(centered), BATCH_AXES) as Tensor1D;
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
      const y = finish(tf.add(tf.mul(centered, scale), beta) as Tensor4D, tail);
      // A single value per channel has no unbiased variance; the correction is then 1.
      const correction = positions(x) / Math.max(positions(x) - 1, 1);
      return { y, mean, variance, unbiasedVariance: tf.mul(variance, correction) as Tensor1D };
    }),
);

/** Recomputes the y of {@link normActivateTrain}, equal to the bit, from what its gradient keeps anyway. */
export const normActivateRecompute = defineOp(
  "normActivateRecompute",
  ({ x, gamma, beta, mean, variance }: NormSaved, epsilon: number, tail: NormTail): Tensor4D =>
    tf.tidy(() => {
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
      return finish(tf.add(tf.mul(tf.sub(x, mean), scale), beta) as Tensor4D, tail);
    }),
);

/** Gradients of {@link normActivateTrain}, including those through the statistics of the batch. */
export const normActivateGradient = defineOp(
  "normActivateGradient",
  (dy: Tensor4D, saved: NormSaved, epsilon: number, tail: NormTail): NormGradients =>
    tidyObject(() => {
      const { x, gamma, beta, mean, variance } = saved;
      const { activation, shuffleGroups } = tail;
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
      const centered = tf.sub(x, mean);
      const scale = tf.mul(gamma, inverseDeviation);
      const z = tf.add(tf.mul(centered, scale), beta);
      const channels = x.shape[3];
      const unshuffled =
        shuffleGroups === 1 ? dy : channelShuffle.plain(dy, channels / shuffleGroups);
      const dNorm = activateGradient.plain(unshuffled, z, activation);
      const normalized = tf.mul(centered, inverseDeviation);
      const dBeta = tf.sum(dNorm, BATCH_AXES) as Tensor1D;
      const dGamma = tf.sum(tf.mul(dNorm, normalized), BATCH_AXES) as Tensor1D;
      const common = tf.div(tf.add(dBeta, tf.mul(normalized, dGamma)), positions(x));
      return { dx: tf.mul(tf.sub(dNorm, common), scale) as Tensor4D, dGamma, dBeta };
    }),
);

/** Fixed numbers per channel of a normalization: (x - center) scale + shift. */
export interface Affine {
  readonly center: Tensor1D;
  readonly scale: Tensor1D;
  readonly shift: Tensor1D;
}

/** (x - center) scale + shift per channel, then the tail: normalization with fixed statistics. */
export const affineActivate = defineOp(
  "affineActivate",
  (x: Tensor4D, { center, scale, shift }: Affine, tail: NormTail): Tensor4D =>
    tf.tidy(() => finish(tf.add(tf.mul(tf.sub(x, center), scale), shift) as Tensor4D, tail)),
);
