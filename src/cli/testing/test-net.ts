import type { TestOptions } from "../../config/test-options.js";
import { createBatchLoader } from "../../data/batch-loader.js";
import type { DataSet } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import { type Evaluation, evaluate } from "../../train/evaluate.js";

/** Tests a running net on the test images. */
export const testNet = async (
  net: Net,
  dataSet: DataSet,
  {
    eval_batch_size: batchSize,
    num_workers: workers,
  }: Pick<TestOptions, "eval_batch_size" | "num_workers">,
  signal: AbortSignal,
): Promise<Evaluation> => {
  const loader = createBatchLoader({
    images: dataSet.test,
    info: dataSet.info,
    batchSize,
    mode: "evaluate",
    seed: 1,
    workers,
  });
  try {
    return await evaluate(net, loader, () => signal.throwIfAborted());
  } finally {
    await loader.close();
  }
};
