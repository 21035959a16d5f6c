import type { WatchedLogits } from "../../models/executor/run-graph.js";
import { type Tensor, type Tensor2D, type Tensor4D, tf } from "../../tensor/tf.js";
import { tidyObject } from "../../tensor/tidy.js";
import { attentionDistance } from "./attention-distance.js";
import type { Loss, LossResult } from "./loss.js";

/** How a net learns from another one. */
export interface Distillation {
  /** The teacher's logits and watched values for images [n, h, w, c], which the caller owns. */
  readonly teach: (images: Tensor4D) => WatchedLogits;
  /** Divides all logits before the softmax; above 1, small probabilities count more. */
  readonly temperature: number;
  /** The share of the teacher in the loss, from 0 to 1. */
  readonly weight: number;
  /** Factor of the distances between watched values (see attentionDistance). */
  readonly hintWeight: number;
}

/** The sum of the distances between watched values times a weight, and its gradients. */
const hintLoss = (
  watched: readonly Tensor[],
  taught: readonly Tensor[],
  weight: number,
): { readonly loss: Tensor; readonly dWatched: readonly Tensor[] } => {
  const distances = watched.map((value, index) =>
    attentionDistance(value as Tensor4D, taught[index] as Tensor4D),
  );
  return {
    loss: tf.mul(tf.addN(distances.map(({ loss }) => loss)), weight),
    dWatched: distances.map(({ dx }) => tf.mul(dx, weight)),
  };
};

/**
 * Knowledge distillation (Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network", section 2). With
 * weight w, temperature T, p = softmax(logits / T) and q = softmax(teacher's logits / T):
 * (1 - w) base + w T² mean(sum(q log(q / p))), whose gradient is (1 - w) base' + w T (p - q) / n. Watched values add their
 * distances to those of the teacher.
 */
export const distillationLoss =
  (base: Loss, { teach, temperature, weight, hintWeight }: Distillation): Loss =>
  (input) => {
    const own = base(input);
    const taught = teach(input.images);
    const result = tidyObject((): LossResult => {
      const [n] = input.logits.shape;
      const logP = tf.logSoftmax(tf.div(input.logits, temperature)) as Tensor2D;
      const logQ = tf.logSoftmax(tf.div(taught.logits, temperature)) as Tensor2D;
      const q = tf.exp(logQ);
      const divergence = tf.div(tf.sum(tf.mul(q, tf.sub(logQ, logP))), n);
      const dDivergence = tf.div(tf.sub(tf.exp(logP), q), n * temperature);
      const scale = weight * temperature ** 2;
      const mixed = tf.add(tf.mul(own.loss, 1 - weight), tf.mul(divergence, scale));
      const dLogits = tf.add(
        tf.mul(own.dLogits, 1 - weight),
        tf.mul(dDivergence, scale),
      ) as Tensor2D;
      if (input.watched.length === 0) return { loss: mixed, dLogits };
      const hint = hintLoss(input.watched, taught.watched, hintWeight);
      return { loss: tf.add(mixed, hint.loss), dLogits, dWatched: hint.dWatched };
    });
    tf.dispose([own.loss, own.dLogits, taught.logits, ...taught.watched]);
    return result;
  };
