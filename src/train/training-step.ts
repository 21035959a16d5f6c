import type { Batch } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { softmaxCrossEntropy } from "../tensor/ops/softmax-cross-entropy.js";
import { type Tensor1D, type Tensor2D, tf } from "../tensor/tf.js";
import type { Adam, AdamOptions } from "./adam.js";
import { toImageTensor } from "./image-tensor.js";
import { addSparsityGradient } from "./sparsity.js";

export interface StepOptions extends AdamOptions {
  /** Weight of the penalty on the gammas (see addSparsityGradient); without it there is no penalty. */
  readonly sparsityLambda?: number | undefined;
  /** Receives the batch's logits [n, classes] before the step; they belong to the step. */
  readonly onLogits?: ((logits: Tensor2D) => void) | undefined;
}

/**
 * One step: weight constraints, forward pass, cross-entropy, backward pass, gradient of the sparsity penalty, Adam.
 * Returns the batch's mean loss before the step, without the penalty.
 */
export const trainingStep = (
  net: Net,
  adam: Adam,
  batch: Batch,
  { sparsityLambda, onLogits, ...adamOptions }: StepOptions,
): number => {
  net.applyConstraints();
  const images = toImageTensor(batch, net.spec);
  const labels = tf.tensor1d(batch.labels, "int32") as Tensor1D;
  const { logits, backward } = net.train(images);
  images.dispose();
  const { loss, dLogits } = softmaxCrossEntropy(logits, labels);
  onLogits?.(logits);
  tf.dispose([logits, labels]);
  backward(dLogits);
  dLogits.dispose();
  if (sparsityLambda !== undefined) addSparsityGradient(net.parameters, sparsityLambda);
  adam.step(adamOptions);
  const lossValue = loss.dataSync()[0] as number;
  loss.dispose();
  return lossValue;
};
