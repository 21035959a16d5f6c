import { type BatchLoader, createBatchLoader } from "../../data/batches/batch-loader.js";
import type { DataSet } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { TestOptions } from "../../options/groups/test-options.js";
import { evaluate } from "../../train/evaluate.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";

type LoaderOptions = Pick<TestOptions, "eval_batch_size" | "num_workers">;

/** A loader of the test images; the caller must close it. */
export const testLoader = (
  { test, info }: DataSet,
  { eval_batch_size: batchSize, num_workers: workers }: LoaderOptions,
): BatchLoader =>
  createBatchLoader({ images: test, info, batchSize, mode: "evaluate", seed: 1, workers });

/** Tests a running net on the test images. */
export const testNet = async (
  net: Net,
  dataSet: DataSet,
  options: LoaderOptions,
  signal: AbortSignal,
): Promise<Evaluation> => {
  const loader = testLoader(dataSet, options);
  try {
    return await evaluate(net, loader, () => signal.throwIfAborted());
  } finally {
    await loader.close();
  }
};
