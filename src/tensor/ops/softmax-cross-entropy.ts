import { defineOp } from "../op.js";
import { type Tensor, type Tensor1D, type Tensor2D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";

export interface CrossEntropyResult {
  /** Mean over the batch, a scalar. */
  readonly loss: Tensor;
  /** Gradient of the mean loss with respect to the logits. */
  readonly dLogits: Tensor2D;
}

/** Mean cross-entropy of softmax(logits) [n, classes] against labels [n] (int32), with its gradient. */
export const softmaxCrossEntropy = defineOp(
  "softmaxCrossEntropy",
  (logits: Tensor2D, labels: Tensor1D): CrossEntropyResult =>
    tidyObject(() => {
      const [n, classes] = logits.shape;
      const logProbabilities = tf.logSoftmax(logits);
      const oneHot = tf.cast(tf.oneHot(labels, classes), "float32");
      const loss = tf.neg(tf.div(tf.sum(tf.mul(oneHot, logProbabilities)), n));
      const dLogits = tf.div(tf.sub(tf.exp(logProbabilities), oneHot), n) as Tensor2D;
      return { loss, dLogits };
    }),
);
