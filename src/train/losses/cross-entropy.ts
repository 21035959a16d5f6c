import { softmaxCrossEntropy } from "../../tensor/ops/softmax-cross-entropy.js";
import { type Tensor1D, tf } from "../../tensor/tf.js";
import type { Loss } from "./loss.js";

/** The mean cross-entropy against the labels. */
export const crossEntropy: Loss = ({ logits, batch }) => {
  const labels = tf.tensor1d(batch.labels, "int32") as Tensor1D;
  const result = softmaxCrossEntropy(logits, labels);
  labels.dispose();
  return result;
};
