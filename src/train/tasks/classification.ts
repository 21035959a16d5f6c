import { chosenClasses } from "../../base/chosen-classes.js";
import { softmaxCrossEntropy } from "../../tensor/ops/softmax-cross-entropy.js";
import { type Tensor1D, type Tensor2D, tf } from "../../tensor/tf.js";
import { crossEntropy } from "../losses/cross-entropy.js";
import type { Scorer, Task } from "./task.js";

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

/** The scores of a batch. */
interface BatchScore {
  /** JSON has no NaN: null. */
  readonly lossSum: number | null;
  readonly hits: number;
  readonly count: number;
}

const createScorer = (): Scorer => {
  const own: BatchScore[] = [];
  return {
    add: (logits, { labels, count }) => {
      const { loss, hits } = scoreLogits(logits, labels);
      own.push({ lossSum: loss * count, hits, count });
    },
    result: (exchange) => {
      let [lossSum, correct, count] = [0, 0, 0];
      for (const score of exchange?.(own) ?? own) {
        lossSum += score.lossSum ?? Number.NaN;
        correct += score.hits;
        count += score.count;
      }
      return { loss: lossSum / count, correct, count, accuracy: (100 * correct) / count };
    },
  };
};

/** One class per image: the loss is the cross-entropy of the logits, the measure the accuracy. */
export const classification: Task = {
  kind: "classification",
  loss: crossEntropy,
  countHits: (logits, { labels }) =>
    chosenClasses(logits.dataSync(), logits.shape[1]).filter(
      (chosen, row) => chosen === labels[row],
    ).length,
  createScorer,
};
