import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { type BatchLoader, createBatchLoader } from "../../data/batches/batch-loader.js";
import { resolveAugmentation } from "../../options/resolve-augmentation.js";
import { evaluate } from "../../train/evaluate.js";
import type { EvaluationResult } from "../events.js";
import { type Run, secondsSince } from "./run.js";

/**
 * A loader of this worker's share of a run's training images, of the images that the best epoch is chosen by, or of its test
 * images.
 */
export const loaderOf = (
  { call, dataSet, workers, wholeBatch }: Pick<Run, "call" | "dataSet" | "workers" | "wholeBatch">,
  part: "train" | "choose" | "test",
): BatchLoader => {
  const { options } = call;
  const { train, validation, test } = dataSet;
  return createBatchLoader({
    images: { train, choose: validation ?? test, test }[part],
    info: dataSet.info,
    batchSize: part === "train" ? wholeBatch : options.eval_batch_size,
    mode: part === "train" ? "train" : "evaluate",
    seed: options.seed,
    strong: resolveAugmentation(options),
    workers: options.num_workers,
    share: workers,
  });
};

/** Tests the net of a file, reports the result and saves nothing. */
export const evaluateRun = async (
  run: Omit<Run, "phase">,
  { path: file }: Pick<Checkpoint, "path">,
): Promise<EvaluationResult> => {
  const { signal, onEvent } = run.context;
  const loader = loaderOf(run, "test");
  const images = run.dataSet.test.count;
  try {
    const onBatch = (imagesSeen: number): void => {
      // The others would wait for the result of a worker that stops alone.
      if (run.workers.count === 1) signal.throwIfAborted();
      onEvent({ kind: "testing", nets: 1, imagesSeen, images });
    };
    const evaluation = await evaluate(run.net, loader, onBatch, run.workers);
    const result = { file, evaluation, seconds: secondsSince(run) };
    onEvent({ kind: "evaluated", result });
    return result;
  } finally {
    await loader.close();
  }
};
