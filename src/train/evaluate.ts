import type { DetectionScores } from "../boxes/average-precision.js";
import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { toImageTensor } from "./image-tensor.js";
import { taskOf } from "./tasks/task-of.js";

export interface Evaluation {
  /** Mean over the images: the cross-entropy of a classifier, the loss of a detector. */
  readonly loss: number;
  /** Images about which the net is right (see taskOf). */
  readonly correct: number;
  readonly count: number;
  /** Percent, the measure by which nets are compared: the accuracy of a classifier, a detector's mean average precision at an overlap of 0.5. */
  readonly accuracy: number;
  /** Only of a detector: mean average precisions in percent. */
  readonly precisions?: Pick<DetectionScores, "mean" | "at50" | "at75"> | undefined;
}

/** Evaluates the net on all batches of a loader, with the running statistics. `onBatch` may throw to stop it. */
export const evaluate = async (
  net: Net,
  loader: BatchLoader,
  onBatch: (seen: number) => void = () => {},
): Promise<Evaluation> => {
  const scorer = taskOf(net.graph).createScorer();
  let count = 0;
  for await (const batch of loader.epoch(0)) {
    const images = toImageTensor(batch, net.spec);
    const outputs = net.infer(images);
    images.dispose();
    scorer.add(outputs, batch);
    outputs.dispose();
    count += batch.count;
    onBatch(count);
  }
  return scorer.result();
};
