import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { toImageTensor } from "./image-tensor.js";
import type { Evaluation } from "./tasks/evaluation.js";
import { taskOf } from "./tasks/task-of.js";

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
