import {
  type NormGradients,
  type NormSaved,
  type NormTail,
  normActivateGradient,
  normActivateRecompute,
  normActivateTrain,
} from "../../tensor/ops/norm-activate.js";
import { type Tensor, type Tensor1D, type Tensor4D, tf } from "../../tensor/tf.js";
import { tidyObject } from "../../tensor/tidy.js";
import { sumOverWorkers, type Workers } from "../../tensor/workers.js";

/** What a worker's batch is of the batch of all workers. */
export interface BatchShare {
  /** The weight of the worker's mean loss in that of all. */
  weight: number;
  /** Which of `count` workers this is, from 0. */
  index: number;
  count: number;
}

export interface SyncedBy {
  readonly workers: Workers;
  readonly batchShare: Pick<BatchShare, "weight">;
}

const positions = (x: Tensor4D): number => x.shape[0] * x.shape[1] * x.shape[2];

/** Sums over all workers of tensors that it takes over. */
const takeSums = (workers: Workers, tensors: readonly Tensor[]): Tensor[] => {
  const sums = sumOverWorkers(workers, tensors);
  tf.dispose([...tensors]);
  return sums;
};

/** The rows that each worker gives, [workers, ...]: all others give zeros in its place. It takes the row over. */
const gatherRows = (workers: Workers, row: Tensor): Tensor => {
  const { count, index } = workers;
  const padded = tf.tidy(() =>
    tf.pad(tf.expandDims(row), [
      [index, count - 1 - index],
      [0, 0],
    ]),
  );
  row.dispose();
  const [rows] = takeSums(workers, [padded]) as [Tensor];
  return rows;
};

const NORM_ALONE: NormTail = { activation: { kind: "identity" }, shuffleGroups: 1 };

/**
 * {@link normActivateTrain} with the statistics of the batches of all workers, which are computed from the mean m, the variance v
 * and the number n of values of each: mean = sum(n m) / N, variance = sum(n (v + (m - mean)^2)) / N (Chan et al. 1979, "Updating
 * Formulae and a Pairwise Algorithm for Computing Sample Variances").
 */
export const syncedNormTrain =
  ({ workers }: SyncedBy): typeof normActivateTrain.plain =>
  (x, { gamma, beta }, running, { weight, inputBias }, epsilon, tail, addend) => {
    const own = normActivateTrain(
      x,
      { gamma, beta },
      running,
      { weight, inputBias },
      epsilon,
      NORM_ALONE,
      null,
    );
    const rows = gatherRows(
      workers,
      tf.tidy(() => tf.concat([own.mean, own.variance, tf.tensor1d([positions(x)])])),
    );
    tf.dispose([own.y, own.mean, own.variance, own.running.mean, own.running.variance]);
    const { mean, variance, runningMean, runningVariance } = tidyObject(() => {
      const channels = gamma.size;
      const [means, variances, counts] = tf.split(rows, [channels, channels, 1], 1) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const all = tf.sum(counts);
      const mean = tf.div(tf.sum(tf.mul(means, counts), 0), all) as Tensor1D;
      const around = tf.add(variances, tf.square(tf.sub(means, mean)));
      const squares = tf.sum(tf.mul(around, counts), 0);
      const unbiased = tf.div(squares, tf.maximum(tf.sub(all, 1), 1));
      const moved = (old: Tensor1D, batch: Tensor): Tensor1D =>
        tf.add(tf.mul(old, 1 - weight), tf.mul(batch, weight));
      return {
        mean,
        variance: tf.div(squares, all) as Tensor1D,
        runningMean: moved(running.mean, tf.add(mean, inputBias)),
        runningVariance: moved(running.variance, unbiased),
      };
    });
    rows.dispose();
    const y = normActivateRecompute({ x, addend, gamma, beta, mean, variance }, epsilon, tail);
    return { y, mean, variance, running: { mean: runningMean, variance: runningVariance } };
  };

/**
 * {@link normActivateGradient} after {@link syncedNormTrain}. The gradients of gamma and beta are those of this worker's loss,
 * like all others, which are summed later. That of x contains the sums over all workers: the losses have the weights w, so with
 * dBeta = sum(w dBeta_k), dGamma = sum(w dGamma_k) over P positions it is (w dNorm - (dBeta + normalized dGamma) / P) scale.
 * The result is divided by this worker's w, since the gradient of its loss is.
 */
export const syncedNormGradient =
  ({ workers, batchShare: { weight } }: SyncedBy): typeof normActivateGradient.plain =>
  (dy: Tensor4D, saved: NormSaved, epsilon: number, tail: NormTail): NormGradients => {
    const { x, gamma, mean, variance } = saved;
    const own = normActivateGradient(dy, saved, epsilon, tail);
    const [allBeta, allGamma, count] = takeSums(workers, [
      tf.mul(own.dBeta, weight),
      tf.mul(own.dGamma, weight),
      tf.scalar(positions(x)),
    ]) as [Tensor, Tensor, Tensor];
    const dx = tf.tidy(() => {
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
      const scale = tf.mul(gamma, inverseDeviation);
      const all = tf.mul(count, weight);
      // What the gradient of this worker alone subtracts, minus what that of all does: offset + slope * normalized.
      const offset = tf.sub(tf.div(own.dBeta, positions(x)), tf.div(allBeta, all));
      const slope = tf.sub(tf.div(own.dGamma, positions(x)), tf.div(allGamma, all));
      const factor = tf.mul(tf.mul(slope, inverseDeviation), scale);
      const constant = tf.sub(tf.mul(offset, scale), tf.mul(factor, mean));
      return tf.add(own.dx, tf.add(tf.mul(x, factor), constant)) as Tensor4D;
    });
    tf.dispose([own.dx, allBeta, allGamma, count]);
    return { ...own, dx };
  };
