import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { FoundBox } from "../../boxes/box.js";
import type { WorkflowContext } from "../context.js";
import type { ClassProbability, FoundObject } from "../events.js";
import { boxWriter } from "./box-writer.js";
import type { Classifier, ImageResult } from "./classifier.js";
import { type InputImage, inputImages } from "./input-images.js";
import type { PredictCall } from "./predict-call.js";
import { runtimeClassifier } from "./runtime-classifier.js";

/** The most probable classes of an image, or the objects that a detector finds. */
export interface PredictedImage {
  readonly image: string;
  /** Empty for a detector. */
  readonly predictions: readonly ClassProbability[];
  /** Only of a detector: best score first, at least 0.5. */
  readonly objects?: readonly FoundObject[] | undefined;
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

type ReadableImage = Exclude<InputImage, { readonly damage: string }>;

/** Boxes in the pixels of the original image. */
const objectsOf = (
  boxes: readonly FoundBox[],
  { original }: ReadableImage,
  { info, classNames }: Classifier,
): readonly FoundObject[] => {
  const { height = info.height, width = info.width } = original ?? {};
  const [x, y] = [width / info.width, height / info.height];
  return boxes.map(({ left, top, label, score, ...sides }) => ({
    class: classNames[label] ?? String(label),
    index: label,
    score,
    left: left * x,
    top: top * y,
    width: sides.width * x,
    height: sides.height * y,
  }));
};

const predictedOf = (
  image: ReadableImage,
  result: ImageResult,
  classifier: Classifier,
  top: number,
): PredictedImage =>
  result.kind === "boxes"
    ? { image: image.name, predictions: [], objects: objectsOf(result.boxes, image, classifier) }
    : {
        image: image.name,
        predictions: topClasses(result.probabilities, classifier.classNames, top),
      };

/** What to do with the images of a batch besides reporting them. */
interface PredictOptions {
  readonly top: number;
  readonly onEvent: WorkflowContext["onEvent"];
  readonly saveBoxes:
    | ((name: string, pixels: Uint8Array, boxes: readonly FoundBox[]) => Promise<void>)
    | undefined;
}

/** Predicts one batch, reporting the images in order. */
const predictEach = async (
  classifier: Classifier,
  batch: readonly InputImage[],
  { top, onEvent, saveBoxes }: PredictOptions,
): Promise<Pick<PredictResult, "predicted" | "unreadable">> => {
  const readable = batch.flatMap((each) => ("pixels" in each ? [each.pixels] : []));
  const results = readable.length > 0 ? classifier.predict(readable) : [];
  const predicted: PredictedImage[] = [];
  const unreadable: UnreadableImage[] = [];
  for (const image of batch) {
    if ("damage" in image) {
      const damaged = unreadableOf(image);
      unreadable.push(damaged);
      onEvent({ kind: "unreadable-image", image: damaged.image, reason: damaged.reason });
      continue;
    }
    const result = results.shift();
    if (!result) continue;
    const each = predictedOf(image, result, classifier, top);
    if (result.kind === "boxes") await saveBoxes?.(image.name, image.pixels, result.boxes);
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
  if (options.save !== undefined && !classifier.info.hasBoxes) {
    classifier.dispose();
    throw usageError(
      `${option("save")} writes images with the boxes of a detector, but ${options.file} is a classifier.`,
      `Omit ${option("save")}.`,
    );
  }
  const saveBoxes =
    options.save === undefined ? undefined : await boxWriter(options.save, classifier.info);
  const { batch_size: batchSize, num_workers: workers } = options;
  const predicted: PredictedImage[] = [];
  const unreadable: UnreadableImage[] = [];
  try {
    for await (const batch of inputImages(options.images, classifier.info, {
      batchSize,
      workers,
    })) {
      context.signal.throwIfAborted();
      const done = await predictEach(classifier, batch, {
        top: options.top,
        onEvent: context.onEvent,
        saveBoxes,
      });
      predicted.push(...done.predicted);
      unreadable.push(...done.unreadable);
    }
  } finally {
    classifier.dispose();
  }
  return { file: options.file, predicted, unreadable };
};
