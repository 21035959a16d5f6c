import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { createBatchLoader, trainingOrder } from "../../data/batches/batch-loader.js";
import type { Graph } from "../../graph/graph.js";
import { graphOf, type NetSpec, specOfGraph } from "../../models/net-spec.js";
import { CALIBRATION_EPOCH, lossChanges } from "../../train/loss-changes.js";
import type { WorkflowContext } from "../context.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { startEngine } from "../start-engine.js";
import { openTrainingImages } from "../testing/open-test-data.js";
import type { LossChanges } from "./plan-pruning.js";
import type { PruningCall } from "./pruning-call.js";
import type { ReadNet } from "./read-net.js";

/** The options that decide which gradients are computed. */
export type CalibrationOptions = Pick<
  PruningCall["options"],
  | "calibration_batches"
  | "seed"
  | "train_limit"
  | "dataset"
  | "data"
  | "max_damaged"
  | "eval_batch_size"
  | "num_workers"
  | "engine"
>;

/** Images per batch. */
const BATCH_SIZE = 50;

/** A graph in which all gammas have gradients. */
const withTrainedGammas = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) =>
    node.kind === "batchNorm" ? { ...node, isGammaFixed: false } : node,
  ),
});

const specWithTrainedGammas = (spec: NetSpec): NetSpec => {
  const { arch, quantization, form } = spec;
  return specOfGraph({ arch, quantization, form, graph: withTrainedGammas(graphOf(spec)) });
};

/**
 * The changes of the loss on training images without each channel (see lossChanges).
 * @throws QpruneError if the images are missing (usage) or damaged, or if the loss is not finite.
 */
export const calibrate = async (
  { options }: { readonly options: CalibrationOptions },
  { checkpoint, spec }: ReadNet,
  context: WorkflowContext,
): Promise<LossChanges> => {
  const { manifest, path } = checkpoint;
  const tested = { path, dataSet: storedDataSetInfo(checkpoint), classes: spec.classes };
  const { seed, num_workers: workers, calibration_batches: batches } = options;
  const used = (count: number): Uint32Array =>
    trainingOrder(count, seed, CALIBRATION_EPOCH).slice(0, batches * BATCH_SIZE);
  const { train: images, info } = await openTrainingImages(options, tested, context, used);
  if (images.count === 0) {
    throw usageError(
      `There are no training images to compute gradients on.`,
      `Set ${option("data")} to the folder of the training images, or rank channels by ${option("importance")} l1.`,
    );
  }
  await startEngine(options.engine, context);
  context.onEvent({ kind: "calibrating", batches });
  const loader = createBatchLoader({
    ...{ images, info, seed, workers },
    batchSize: BATCH_SIZE,
    mode: "train",
  });
  const own = specWithTrainedGammas(spec);
  const net = runningNet(own, { ...checkpoint, manifest: manifest && { ...manifest, spec: own } });
  try {
    return await lossChanges({ net, loader, batches, signal: context.signal });
  } finally {
    net.dispose();
    await loader.close();
  }
};
