import { type Tensor2D, type Tensor4D, tf } from "../../tensor/tf.js";
import { tidyObject } from "../../tensor/tidy.js";
import type { Loss } from "./loss.js";

/** How a net learns from another one. */
export interface Distillation {
  /** The teacher's logits [n, classes] for images [n, h, w, c], which the caller owns. */
  readonly teach: (images: Tensor4D) => Tensor2D;
  /** Divides all logits before the softmax; above 1, small probabilities count more. */
  readonly temperature: number;
  /** The share of the teacher in the loss, from 0 to 1. */
  readonly weight: number;
}

/**
 * Knowledge distillation (Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network", section 2). With
 * weight w, temperature T, p = softmax(logits / T) and q = softmax(teacher's logits / T):
 * (1 - w) base + w T² mean(sum(q log(q / p))), whose gradient is (1 - w) base' + w T (p - q) / n.
 */
export const distillationLoss =
  (base: Loss, { teach, temperature, weight }: Distillation): Loss =>
  (input) => {
    const own = base(input);
    const taught = teach(input.images);
    const result = tidyObject(() => {
      const [n] = input.logits.shape;
      const logP = tf.logSoftmax(tf.div(input.logits, temperature)) as Tensor2D;
      const logQ = tf.logSoftmax(tf.div(taught, temperature)) as Tensor2D;
      const q = tf.exp(logQ);
      const divergence = tf.div(tf.sum(tf.mul(q, tf.sub(logQ, logP))), n);
      const dDivergence = tf.div(tf.sub(tf.exp(logP), q), n * temperature);
      const scale = weight * temperature ** 2;
      return {
        loss: tf.add(tf.mul(own.loss, 1 - weight), tf.mul(divergence, scale)),
        dLogits: tf.add(tf.mul(own.dLogits, 1 - weight), tf.mul(dDivergence, scale)) as Tensor2D,
      };
    });
    tf.dispose([own.loss, own.dLogits, taught]);
    return result;
  };
