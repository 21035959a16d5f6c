import { defineOp } from "../op.js";
import { asStored, FLOAT32, type Storage } from "../storage.js";
import { type Tensor1D, type Tensor4D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";
import { type Activation, activate, activateGradient } from "./activation.js";
import { channelShuffle } from "./channel-shuffle.js";

/**
 * What follows a normalization in the same pass: an activation, then a channel shuffle (1: none). An addend, which the ops take
 * separately, is added before the activation.
 */
export interface NormTail {
  readonly activation: Activation;
  readonly shuffleGroups: number;
}

/** Gamma and beta of a norm, per channel. */
export interface NormParameters {
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
}

/** The running statistics of a norm, per channel. */
export interface RunningStatistics {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

/** How the statistics of a batch enter the running ones. */
export interface StatisticsUpdate {
  /** The weight of the new ones, 0 to 1 (PyTorch's momentum). */
  readonly weight: number;
  /** Added to the mean of the batch, per channel. */
  readonly inputBias: Tensor1D;
}

/** The output of {@link normActivateTrain}, the statistics of the batch per channel, and the new running ones. */
export interface NormResult {
  readonly y: Tensor4D;
  readonly mean: Tensor1D;
  /** The biased variance, which normalizes the batch. */
  readonly variance: Tensor1D;
  readonly running: RunningStatistics;
}

/** What the gradient needs from the forward pass: the norm's input x [n, h, w, c], and numbers per channel. */
export interface NormSaved {
  readonly x: Tensor4D;
  /** What was added to the norm's output, of the shape of x; null for nothing. */
  readonly addend: Tensor4D | null;
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

export interface NormGradients {
  readonly dx: Tensor4D;
  readonly dGamma: Tensor1D;
  readonly dBeta: Tensor1D;
  /** Null if nothing was added. */
  readonly dAddend: Tensor4D | null;
}

const BATCH_AXES = [0, 1, 2];

const plus = (z: tf.Tensor, addend: Tensor4D | null): Tensor4D =>
  (addend ? tf.add(z, addend) : z) as Tensor4D;

const finish = (
  z: tf.Tensor,
  addend: Tensor4D | null,
  { activation, shuffleGroups }: NormTail,
): Tensor4D => {
  const y = activate.plain(plus(z, addend), activation) as Tensor4D;
  return shuffleGroups === 1 ? y : channelShuffle.plain(y, shuffleGroups);
};

const positions = (x: Tensor4D): number => x.shape[0] * x.shape[1] * x.shape[2];

const moved = (old: Tensor1D, batch: tf.Tensor, weight: number): Tensor1D =>
  tf.add(tf.mul(old, 1 - weight), tf.mul(batch, weight));

/**
 * Batch normalization with the statistics of the batch (Ioffe & Szegedy 2015, algorithm 1):
 * gamma (x - mean) / sqrt(variance + epsilon) + beta, plus the addend, then the tail. The running statistics become
 * (1 - weight) old + weight new, with the unbiased variance (n / (n - 1) times the biased one). In this and the other ops of norms, x,
 * the addend and dy may be stored in bfloat16; the last arguments are the storages of results. Sums are of floats.
 */
export const normActivateTrain = defineOp(
  "normActivateTrain",
  (
    x: Tensor4D,
    { gamma, beta }: NormParameters,
    running: RunningStatistics,
    { weight, inputBias }: StatisticsUpdate,
    epsilon: number,
    tail: NormTail,
    addend: Tensor4D | null,
    stored: Storage = FLOAT32,
  ): NormResult => {
    const { y, mean, variance, runningMean, runningVariance } = tidyObject(() => {
      const batchMean = tf.mean(x, BATCH_AXES) as Tensor1D;
      const centered = tf.sub(x, batchMean);
      const batchVariance = tf.mean(tf.square(centered), BATCH_AXES) as Tensor1D;
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(batchVariance, epsilon)));
      // A single value per channel has no unbiased variance; the correction is then 1.
      const correction = positions(x) / Math.max(positions(x) - 1, 1);
      const unbiased = tf.mul(batchVariance, correction);
      return {
        y: asStored(finish(tf.add(tf.mul(centered, scale), beta), addend, tail), stored),
        mean: batchMean,
        variance: batchVariance,
        runningMean: moved(running.mean, tf.add(batchMean, inputBias), weight),
        runningVariance: moved(running.variance, unbiased, weight),
      };
    });
    return { y, mean, variance, running: { mean: runningMean, variance: runningVariance } };
  },
);

/** Recomputes the y of {@link normActivateTrain}, equal to the bit, from what its gradient keeps anyway. */
export const normActivateRecompute = defineOp(
  "normActivateRecompute",
  (saved: NormSaved, epsilon: number, tail: NormTail, y: Storage = FLOAT32): Tensor4D =>
    tf.tidy(() => {
      const { x, addend, gamma, beta, mean, variance } = saved;
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
      return asStored(finish(tf.add(tf.mul(tf.sub(x, mean), scale), beta), addend, tail), y);
    }),
);

/** How the gradients of maps are stored; as floats if absent. */
export interface NormGradientStorage {
  readonly dx?: Storage;
  readonly dAddend?: Storage;
}

/** Gradients of {@link normActivateTrain}, including those through the statistics of the batch. */
export const normActivateGradient = defineOp(
  "normActivateGradient",
  (
    dy: Tensor4D,
    saved: NormSaved,
    epsilon: number,
    tail: NormTail,
    { dx: storedDx = FLOAT32, dAddend: storedDAddend = FLOAT32 }: NormGradientStorage = {},
  ): NormGradients =>
    tidyObject(() => {
      const { x, addend, gamma, beta, mean, variance } = saved;
      const { activation, shuffleGroups } = tail;
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
      const centered = tf.sub(x, mean);
      const scale = tf.mul(gamma, inverseDeviation);
      const z = plus(tf.add(tf.mul(centered, scale), beta), addend);
      const channels = x.shape[3];
      const unshuffled =
        shuffleGroups === 1 ? dy : channelShuffle.plain(dy, channels / shuffleGroups);
      const dNorm = activateGradient.plain(unshuffled, z, activation) as Tensor4D;
      const normalized = tf.mul(centered, inverseDeviation);
      const dBeta = tf.sum(dNorm, BATCH_AXES) as Tensor1D;
      const dGamma = tf.sum(tf.mul(dNorm, normalized), BATCH_AXES) as Tensor1D;
      const common = tf.div(tf.add(dBeta, tf.mul(normalized, dGamma)), positions(x));
      const dx = tf.mul(tf.sub(dNorm, common), scale) as Tensor4D;
      // An identity returns dy itself, which the caller owns.
      const dAddend = addend && asStored(tf.clone(dNorm), storedDAddend);
      return { dx: asStored(dx, storedDx), dGamma, dBeta, dAddend };
    }),
);

/** Fixed numbers per channel of a normalization: (x - center) scale + shift. */
export interface Affine {
  readonly center: Tensor1D;
  readonly scale: Tensor1D;
  readonly shift: Tensor1D;
}

/** (x - center) scale + shift per channel, plus the addend, then the tail: normalization with fixed statistics. */
export const affineActivate = defineOp(
  "affineActivate",
  (
    x: Tensor4D,
    { center, scale, shift }: Affine,
    tail: NormTail,
    addend: Tensor4D | null,
    y: Storage = FLOAT32,
  ): Tensor4D =>
    tf.tidy(() =>
      asStored(finish(tf.add(tf.mul(tf.sub(x, center), scale), shift), addend, tail), y),
    ),
);
