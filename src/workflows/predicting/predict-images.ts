import { runningNet } from "../../checkpoint/running-net.js";
import type { DataSetInfo } from "../../data/data-set.js";
import type { Net } from "../../models/net.js";
import type { predictOptions } from "../../options/commands/predict-options.js";
import type { Call } from "../call.js";
import type { WorkflowContext } from "../context.js";
import type { ClassProbability } from "../events.js";
import { readStoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { startEngine } from "../start-engine.js";
import { type InputImage, inputImages } from "./input-images.js";
import { predictBatch } from "./predict-batch.js";

/** The most probable classes of an image. */
export interface PredictedImage {
  readonly image: string;
  readonly predictions: readonly ClassProbability[];
}

/** An image that could not be read. */
export interface UnreadableImage {
  readonly image: string;
  readonly reason: string;
  /** If it is a folder: shell patterns for the images in it. */
  readonly patterns: readonly string[];
}

export interface PredictResult {
  readonly file: string;
  readonly predicted: readonly PredictedImage[];
  readonly unreadable: readonly UnreadableImage[];
}

export type PredictCall = Omit<Call<typeof predictOptions>, "argv" | "given">;

/** The class names that the file records, if there is one for each class of the net. */
const classNamesOf = ({ classNames }: DataSetInfo, { spec }: Net): readonly string[] =>
  classNames.length === spec.classes ? classNames : [];

const unreadableOf = (image: InputImage & { readonly damage: string }): UnreadableImage => ({
  image: image.name,
  reason: image.damage,
  patterns: "patterns" in image ? image.patterns : [],
});

/** The most probable classes in descending order; for equal probabilities, in the order of the classes. */
const topClasses = (
  probabilities: readonly number[],
  names: readonly string[],
  count: number,
): ClassProbability[] =>
  probabilities
    .map((probability, index) => ({ class: names[index] ?? String(index), index, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, count);

/** Predicts one batch, reporting the images in order. */
const predictEach = (
  net: Net,
  batch: readonly InputImage[],
  info: DataSetInfo,
  top: number,
  onEvent: WorkflowContext["onEvent"],
): Pick<PredictResult, "predicted" | "unreadable"> => {
  const readable = batch.flatMap((each) => ("pixels" in each ? [each.pixels] : []));
  const results = readable.length > 0 ? predictBatch(net, readable, info) : [];
  const names = classNamesOf(info, net);
  const predicted: PredictedImage[] = [];
  const unreadable: UnreadableImage[] = [];
  for (const image of batch) {
    if ("damage" in image) {
      const damaged = unreadableOf(image);
      unreadable.push(damaged);
      onEvent({ kind: "unreadable-image", image: damaged.image, reason: damaged.reason });
      continue;
    }
    const each = { image: image.name, predictions: topClasses(results.shift() ?? [], names, top) };
    predicted.push(each);
    onEvent({ kind: "predicted", ...each });
  }
  return { predicted, unreadable };
};

/**
 * Classifies images with the net of a file, batch by batch. Images that cannot be read are reported, and the others are
 * still predicted.
 * @throws QpruneError if the model file cannot be read.
 */
export const predictImages = async (
  { options }: PredictCall,
  context: WorkflowContext,
): Promise<PredictResult> => {
  const { checkpoint, spec } = await readStoredNet(options.file, options);
  const dataSet = storedDataSetInfo(checkpoint);
  const info = { ...dataSet, ...spec.input, channels: 3 as const };
  if (!checkpoint.manifest) {
    context.onEvent({ kind: "unrecorded-training", arch: spec.arch, dataSet });
  }
  await startEngine(options.engine, context);
  const net = runningNet(spec, checkpoint);
  const { batch_size: batchSize, num_workers: workers } = options;
  const predicted: PredictedImage[] = [];
  const unreadable: UnreadableImage[] = [];
  try {
    for await (const batch of inputImages(options.images, info, { batchSize, workers })) {
      context.signal.throwIfAborted();
      const done = predictEach(net, batch, info, options.top, context.onEvent);
      predicted.push(...done.predicted);
      unreadable.push(...done.unreadable);
    }
  } finally {
    net.dispose();
  }
  return { file: options.file, predicted, unreadable };
};
