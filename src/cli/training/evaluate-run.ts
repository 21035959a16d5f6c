import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { type BatchLoader, createBatchLoader } from "../../data/batch-loader.js";
import { evaluate } from "../../train/evaluate.js";
import { type Run, secondsSince } from "./run.js";

/** The loader of a run's training or test images. */
export const loaderOf = ({ call, dataSet }: Run, mode: "train" | "evaluate"): BatchLoader => {
  const { options } = call;
  return createBatchLoader({
    images: mode === "train" ? dataSet.train : dataSet.test,
    info: dataSet.info,
    batchSize: mode === "train" ? options.train_batch_size : options.eval_batch_size,
    mode,
    seed: options.seed,
    workers: options.num_workers,
  });
};

/** Tests the net of a file and saves nothing. */
export const evaluateRun = async (run: Run, file: Checkpoint): Promise<void> => {
  const loader = loaderOf(run, "evaluate");
  try {
    const evaluation = await evaluate(run.net, loader, (seen) => {
      run.context.signal.throwIfAborted();
      run.reporter.testing(seen, run.dataSet.test.count);
    });
    run.reporter.evaluated({ file: file.path, evaluation, seconds: secondsSince(run) });
  } finally {
    await loader.close();
  }
};
