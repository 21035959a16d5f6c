import type { Batch } from "../../data/batches/batch-loader.js";
import { softCrossEntropy } from "../../tensor/ops/soft-cross-entropy.js";
import { type Tensor2D, tf } from "../../tensor/tf.js";
import type { Loss } from "./loss.js";

/**
 * The probabilities that a batch is trained toward, [n, classes] in rows. Label smoothing by s moves s of a label's
 * probability to all classes alike: 1 - s + s / classes for the label, s / classes for each other class (Szegedy et al.
 * 2016, "Rethinking the Inception Architecture", section 7). Of mixed images, both labels have their share of 1 - s.
 */
export const softTargets = (
  { labels, count, mixed }: Pick<Batch, "labels" | "count" | "mixed">,
  classes: number,
  smoothing: number,
): Float32Array => {
  const targets = new Float32Array(count * classes).fill(smoothing / classes);
  const add = (row: number, label: number, share: number): void => {
    const at = row * classes + label;
    targets[at] = (targets[at] as number) + share * (1 - smoothing);
  };
  labels.forEach((label, row) => {
    const share = mixed?.shares[row] ?? 1;
    add(row, label, share);
    if (mixed) add(row, mixed.labels[row] as number, 1 - share);
  });
  return targets;
};

/** The mean cross-entropy against smoothed labels, and against both labels of mixed images. */
export const softTargetLoss =
  (smoothing: number): Loss =>
  ({ logits, batch }) => {
    const [n, classes] = logits.shape;
    const targets = tf.tensor2d(softTargets(batch, classes, smoothing), [n, classes]) as Tensor2D;
    const result = softCrossEntropy(logits, targets);
    targets.dispose();
    return result;
  };
