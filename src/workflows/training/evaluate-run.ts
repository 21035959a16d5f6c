import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { type BatchLoader, createBatchLoader } from "../../data/batches/batch-loader.js";
import { type Evaluation, evaluate } from "../../train/evaluate.js";
import { type Run, secondsSince } from "./run.js";

/** The loader of a run's training images, of those by which epochs are chosen, or of its test images. */
export const loaderOf = (
  { call, dataSet }: Run,
  part: "train" | "choose" | "test",
): BatchLoader => {
  const { options } = call;
  const { train, validation, test } = dataSet;
  return createBatchLoader({
    images: { train, choose: validation ?? test, test }[part],
    info: dataSet.info,
    batchSize: part === "train" ? options.train_batch_size : options.eval_batch_size,
    mode: part === "train" ? "train" : "evaluate",
    seed: options.seed,
    workers: options.num_workers,
  });
};

/** Tests the net of a file, tells the result and saves nothing. */
export const evaluateRun = async (
  run: Run,
  file: Pick<Checkpoint, "path">,
): Promise<Evaluation> => {
  const loader = loaderOf(run, "test");
  try {
    const evaluation = await evaluate(run.net, loader, (seen) => {
      run.context.signal.throwIfAborted();
      run.reporter.testing(seen, run.dataSet.test.count);
    });
    run.reporter.evaluated({ file: file.path, evaluation, seconds: secondsSince(run) });
    return evaluation;
  } finally {
    await loader.close();
  }
};
