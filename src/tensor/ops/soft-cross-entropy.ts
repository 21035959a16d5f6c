import { defineOp } from "../op.js";
import { type Tensor2D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";
import type { CrossEntropyResult } from "./softmax-cross-entropy.js";

/**
 * Mean cross-entropy of p = softmax(logits) against probabilities t, both [n, classes], with its gradient: -sum(t log p) / n
 * and (p - t) / n. Each row of t sums to 1.
 */
export const softCrossEntropy = defineOp(
  "softCrossEntropy",
  (logits: Tensor2D, targets: Tensor2D): CrossEntropyResult =>
    tidyObject(() => {
      const [n] = logits.shape;
      const logProbabilities = tf.logSoftmax(logits);
      const loss = tf.neg(tf.div(tf.sum(tf.mul(targets, logProbabilities)), n));
      const dLogits = tf.div(tf.sub(tf.exp(logProbabilities), targets), n) as Tensor2D;
      return { loss, dLogits };
    }),
);
