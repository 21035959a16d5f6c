import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { softmaxCrossEntropy } from "../tensor/ops/softmax-cross-entropy.js";
import { type Tensor1D, type Tensor2D, type Tensor4D, tf } from "../tensor/tf.js";
import { toImageTensor } from "./image-tensor.js";

export interface Evaluation {
  /** Mean cross-entropy over the images. */
  readonly loss: number;
  readonly correct: number;
  readonly count: number;
  /** Percent. */
  readonly accuracy: number;
}

/** Evaluates the net on all batches of a loader, with the running statistics. `onBatch` may throw to stop it. */
export const evaluate = async (
  net: Net,
  loader: BatchLoader,
  onBatch: (seen: number) => void = () => {},
): Promise<Evaluation> => {
  let lossSum = 0;
  let correct = 0;
  let count = 0;
  for await (const batch of loader.epoch(0)) {
    const images = toImageTensor(batch, net.spec);
    const { loss, hits } = scoreBatch(net, images, batch.labels);
    images.dispose();
    lossSum += loss * batch.count;
    correct += hits;
    count += batch.count;
    onBatch(count);
  }
  return { loss: lossSum / count, correct, count, accuracy: (100 * correct) / count };
};

const scoreBatch = (net: Net, images: Tensor4D, labels: Int32Array) => {
  const logits = net.infer(images);
  const score = scoreLogits(logits, labels);
  logits.dispose();
  return score;
};

/** Mean cross-entropy of logits [n, classes], and how many rows predict their label. The caller keeps the logits. */
export const scoreLogits = (
  logits: Tensor2D,
  labels: Int32Array,
): { readonly loss: number; readonly hits: number } => {
  const target = tf.tensor1d(labels, "int32") as Tensor1D;
  const { loss, dLogits } = softmaxCrossEntropy(logits, target);
  const hit = tf.tidy(() => tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), target), "int32")));
  const score = { loss: loss.dataSync()[0] as number, hits: hit.dataSync()[0] as number };
  tf.dispose([target, loss, dLogits, hit]);
  return score;
};
