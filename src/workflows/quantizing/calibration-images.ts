import { stat } from "node:fs/promises";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { visibleText } from "../../base/visible-text.js";
import { createBatchLoader } from "../../data/batches/batch-loader.js";
import {
  type DataSetInfo,
  type DataSetName,
  dataSetToRead,
  type ImageSet,
} from "../../data/data-set.js";
import {
  hasOnlyImages,
  loadUnlabeledImages,
} from "../../data/image-folders/load-unlabeled-images.js";
import { loadDataSet } from "../../data/load-data-set.js";
import { testInput } from "../../data/preparation.js";
import { spacedIndices, subset } from "../../data/subset.js";
import type { NetSpec } from "../../models/net-spec.js";
import type { TestOptions } from "../../options/groups/test-options.js";
import type { Tensor4D } from "../../tensor/tf.js";
import { toImageTensor } from "../../train/image-tensor.js";
import type { WorkflowContext } from "../context.js";
import { recordedImageFolders } from "../images/image-folders.js";

/** Images that a net is calibrated with. */
export interface CalibrationImages {
  readonly images: ImageSet;
  readonly info: DataSetInfo;
}

/** Which images a net is calibrated with. */
export interface CalibrationChoice {
  readonly path: string;
  /** What the net was trained on. */
  readonly dataSet: DataSetInfo;
  readonly count: number;
  readonly options: Pick<TestOptions, "dataset" | "data" | "max_damaged" | "num_workers" | "test">;
}

/** Fewer images show too little of the ranges of values. */
const FEW = 16;

/** At most `count` images, evenly spaced, so that they have all classes. */
const spaced = (set: ImageSet, count: number): ImageSet =>
  set.count <= count ? set : subset(set, spacedIndices(set.count, count));

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;

/** The images that a data set has for training, or those of a folder without classes if nothing is tested. */
const readImages = async (
  name: DataSetName,
  { dataSet, count, options }: CalibrationChoice,
  context: Omit<WorkflowContext, "now">,
): Promise<CalibrationImages> => {
  const { data: directory, test: isTested } = options;
  const trainUsed = (available: number): Uint32Array => spacedIndices(available, count);
  const images = recordedImageFolders(context, options, dataSet);
  // Annotations may lie among images, so that a detector can be tested on a folder without others.
  const mayBeLoose = name === "images" || (name === "boxes" && !isTested);
  if (mayBeLoose && (await isFolder(directory)) && (await hasOnlyImages(directory))) {
    if (isTested) {
      throw usageError(
        `${visibleText(directory)} contains images, but no folders of classes to test with.`,
        `Switch ${option("test")} off to calibrate with them alone, or put the images of each class into a folder of its own (docs/own-images.md).`,
      );
    }
    const info = { ...dataSet, classNames: [] };
    return { info, images: await loadUnlabeledImages(directory, dataSet, images, trainUsed) };
  }
  const { info, train } = await loadDataSet({
    name,
    directory,
    testLimit: 1,
    trainUsed,
    parts: "train and test",
    net: testInput(name, dataSet),
    images,
  });
  return { info, images: train };
};

/**
 * Opens training images to calibrate with. Their classes may differ from those of the net; without a test, they need none.
 * @throws QpruneError if they are unknown, missing or none (usage), or damaged.
 */
export const openCalibrationImages = async (
  { path, dataSet, count, options }: CalibrationChoice,
  context: Omit<WorkflowContext, "now">,
): Promise<CalibrationImages> => {
  const name = options.dataset ?? dataSetToRead(dataSet.name);
  if (name === undefined) {
    throw usageError(
      `${path} was trained on ${dataSet.name}, which qprune cannot read.`,
      `Choose the images to calibrate with by ${option("dataset")} and ${option("data")}.`,
    );
  }
  const choice = { path, dataSet, count, options };
  const { info, images: all } = await readImages(name, choice, context);
  if (all.count === 0) {
    throw usageError(
      "There are no training images to calibrate with.",
      `Set ${option("data")} to the folder of the training images.`,
    );
  }
  const wanted = `${dataSet.height}x${dataSet.width}`;
  if (info.height !== dataSet.height || info.width !== dataSet.width) {
    throw usageError(
      `${path} takes images of ${wanted} pixels, but those of ${info.name} have ${info.height}x${info.width}.`,
      `Choose images that the net was trained on, or another net.`,
    );
  }
  const images = spaced(all, count);
  if (images.count < Math.min(count, FEW)) {
    context.onEvent({
      kind: "message",
      text: `Only ${images.count} images to calibrate with: ranges of values may be too small for others.`,
    });
  }
  return { images, info };
};

/** Whether all pixels of all images are the same; images that are stored in a file are not inspected. */
export const areConstant = ({ images }: ImageSet): boolean =>
  images.length > 0 && images.every((byte) => byte === images[0]);

/** Batches of images as tensors, for one pass after the other. */
export const imageBatches = (
  { images, info }: CalibrationImages,
  spec: Pick<NetSpec, "input">,
  { batchSize, workers, signal }: { batchSize: number; workers: number; signal: AbortSignal },
) =>
  async function* (): AsyncIterable<Tensor4D> {
    const loader = createBatchLoader({
      images,
      info,
      batchSize,
      mode: "evaluate",
      seed: 1,
      workers,
    });
    try {
      for await (const batch of loader.epoch(0)) {
        signal.throwIfAborted();
        yield toImageTensor(batch, spec as Parameters<typeof toImageTensor>[1]);
      }
    } finally {
      await loader.close();
    }
  };
