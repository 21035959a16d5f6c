import type { WorkflowContext } from "../context.js";
import type { ClassProbability } from "../events.js";
import type { Classifier } from "./classifier.js";
import { type InputImage, inputImages } from "./input-images.js";
import type { PredictCall } from "./predict-call.js";
import { runtimeClassifier } from "./runtime-classifier.js";

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

const unreadableOf = (image: InputImage & { readonly damage: string }): UnreadableImage => ({
  image: image.name,
  reason: image.damage,
  patterns: "patterns" in image ? image.patterns : [],
});

/** The most probable classes in descending order; for equal probabilities, in the order of the classes. */
const topClasses = (
  probabilities: ArrayLike<number>,
  names: readonly string[],
  count: number,
): ClassProbability[] =>
  Array.from(probabilities, (probability, index) => ({
    class: names[index] ?? String(index),
    index,
    probability,
  }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, count);

/** Predicts one batch, reporting the images in order. */
const predictEach = (
  { classNames, predict }: Classifier,
  batch: readonly InputImage[],
  top: number,
  onEvent: WorkflowContext["onEvent"],
): Pick<PredictResult, "predicted" | "unreadable"> => {
  const readable = batch.flatMap((each) => ("pixels" in each ? [each.pixels] : []));
  const results = readable.length > 0 ? predict(readable) : [];
  const predicted: PredictedImage[] = [];
  const unreadable: UnreadableImage[] = [];
  for (const image of batch) {
    if ("damage" in image) {
      const damaged = unreadableOf(image);
      unreadable.push(damaged);
      onEvent({ kind: "unreadable-image", image: damaged.image, reason: damaged.reason });
      continue;
    }
    const each = {
      image: image.name,
      predictions: topClasses(results.shift() ?? [], classNames, top),
    };
    predicted.push(each);
    onEvent({ kind: "predicted", ...each });
  }
  return { predicted, unreadable };
};

/** The net of a file in the runtime if the file is packed, otherwise in TensorFlow. */
const classifierOf = async (
  { options }: PredictCall,
  context: WorkflowContext,
): Promise<Classifier> => {
  const { engine, file, arch, key } = options;
  const isAny = engine === undefined && arch === undefined && key === undefined;
  const own =
    isAny || engine === "runtime" ? await runtimeClassifier(file, engine === "runtime") : null;
  if (own) return own;
  const { engineClassifier } = await import("./engine-classifier.js");
  return engineClassifier(options, engine === "runtime" ? undefined : engine, context);
};

/**
 * Classifies images with the net of a file, batch by batch. Images that cannot be read are reported, and the others are
 * still predicted.
 * @throws QpruneError if the model file cannot be read.
 */
export const predictImages = async (
  call: PredictCall,
  context: WorkflowContext,
): Promise<PredictResult> => {
  const { options } = call;
  const classifier = await classifierOf(call, context);
  const { batch_size: batchSize, num_workers: workers } = options;
  const predicted: PredictedImage[] = [];
  const unreadable: UnreadableImage[] = [];
  try {
    for await (const batch of inputImages(options.images, classifier.info, {
      batchSize,
      workers,
    })) {
      context.signal.throwIfAborted();
      const done = predictEach(classifier, batch, options.top, context.onEvent);
      predicted.push(...done.predicted);
      unreadable.push(...done.unreadable);
    }
  } finally {
    classifier.dispose();
  }
  return { file: options.file, predicted, unreadable };
};
