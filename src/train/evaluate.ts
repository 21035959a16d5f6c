import type { BatchLoader } from "../data/batches/batch-loader.js";
import type { Net } from "../models/net.js";
import { ALONE, type Workers } from "../tensor/workers.js";
import { toImageTensor } from "./image-tensor.js";
import type { Evaluation } from "./tasks/evaluation.js";
import type { Exchange } from "./tasks/task.js";
import { taskOf } from "./tasks/task-of.js";
import { gatherTexts } from "./workers/gather-texts.js";

/** Exchanges the scores of batches, of which each worker has every n-th. */
const exchangeOf =
  (workers: Workers): Exchange =>
  <S extends object>(own: readonly S[]): S[] => {
    // The cast is safe: the texts are those of this function.
    const scores = gatherTexts(workers, JSON.stringify(own)).map((text) => JSON.parse(text) as S[]);
    const batches = scores.reduce((sum, { length }) => sum + length, 0);
    return Array.from(
      { length: batches },
      (_, batch) => scores[batch % workers.count]?.[Math.floor(batch / workers.count)] as S,
    );
  };

/**
 * Evaluates the net on all batches of a loader, with the running statistics. `onBatch` may throw to stop it. Several workers
 * evaluate the batches of their loaders, and all get the result of all batches.
 */
export const evaluate = async (
  net: Net,
  loader: BatchLoader,
  onBatch: (seen: number) => void = () => {},
  workers: Workers = ALONE,
): Promise<Evaluation> => {
  const scorer = taskOf(net.graph).createScorer();
  let seen = 0;
  for await (const batch of loader.epoch(0)) {
    const images = toImageTensor(batch, net.spec);
    const outputs = net.infer(images);
    images.dispose();
    scorer.add(outputs, batch);
    outputs.dispose();
    seen += batch.count;
    onBatch(seen);
    workers.check();
  }
  return scorer.result(workers.count === 1 ? undefined : exchangeOf(workers));
};
