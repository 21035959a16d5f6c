import type { DataSet, DataSetInfo } from "../../data/data-set.js";
import { holdOut } from "../../data/hold-out.js";
import type { ImageFolderOptions } from "../../data/image-folders/image-folder-options.js";
import { loadDataSet } from "../../data/load-data-set.js";
import { inputOfNet, type NetInput, testInput } from "../../data/preparation.js";
import type { WorkflowContext } from "../context.js";
import type { TrainingOptions } from "../training/training-call.js";
import { fetchDataSet } from "./fetch-data-set.js";
import { imageFolders } from "./image-folders.js";

/** The options that decide which images are read, and how. */
type DataOptions = Pick<
  TrainingOptions,
  | "dataset"
  | "data"
  | "evaluate"
  | "download"
  | "image_size"
  | "crop"
  | "mirror"
  | "max_damaged"
  | "num_workers"
  | "seed"
> &
  Partial<Pick<TrainingOptions, "val_split" | "train_limit" | "test_limit">>;

/** How to read image folders: as the options ask, or as the tested file records. */
const imageOptions = (
  options: DataOptions,
  context: Omit<WorkflowContext, "now">,
  { recorded, trained }: NetImages,
): ImageFolderOptions => ({
  ...imageFolders(context, options),
  imageSize: options.image_size,
  preparation: trained && inputOfNet(trained, options.image_size).preparation,
  crop: options.crop,
  mirror: options.mirror,
  maxDamaged: options.max_damaged,
  netDataSet: recorded,
});

/** What is known about the images of the net that gets a data set. */
export interface NetImages {
  /** To test a net: the data set that its file records. */
  readonly recorded?: DataSetInfo | undefined;
  /** To train a net further: the data set on which it was trained. */
  readonly trained?: DataSetInfo | undefined;
}

const netInput = (
  { dataset: name, image_size: side }: DataOptions,
  { recorded, trained }: NetImages,
): NetInput => {
  if (recorded) return testInput(name, recorded) ?? { side };
  return trained ? inputOfNet(trained, side) : { side };
};

/**
 * Reads a data set, after downloading it if `download` asks for it, and holds out training images for validation if
 * `val_split` is given.
 */
export const openDataSet = async (
  options: DataOptions,
  context: Omit<WorkflowContext, "now">,
  images: NetImages = {},
): Promise<DataSet> => {
  const { dataset: name, data: directory, evaluate, val_split: share } = options;
  if (options.download) await fetchDataSet({ name, directory }, context);
  const dataSet = await loadDataSet({
    name,
    directory,
    trainLimit: options.train_limit,
    testLimit: options.test_limit,
    parts: evaluate ? "test only" : "train and test",
    net: netInput(options, images),
    images: imageOptions(options, context, images),
  });
  return share === undefined || evaluate ? dataSet : holdOut(dataSet, share, options.seed);
};
