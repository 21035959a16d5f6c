import type { DataSet, DataSetInfo } from "../../data/data-set.js";
import { holdOut } from "../../data/hold-out.js";
import type { ImageFolderOptions } from "../../data/image-folders/image-folder-options.js";
import { loadDataSet } from "../../data/load-data-set.js";
import type { WorkflowContext } from "../context.js";
import type { TrainingOptions } from "../training/training-call.js";
import { fetchDataSet } from "./fetch-data-set.js";
import { imageFolders } from "./image-folders.js";

/** How folders of images are read: by the options, or as the tested file records. */
const imageOptions = (
  options: TrainingOptions,
  context: Omit<WorkflowContext, "now">,
  netDataSet: DataSetInfo | undefined,
): ImageFolderOptions => ({
  ...imageFolders(context, options),
  imageSize: options.image_size,
  crop: options.crop,
  mirror: options.mirror,
  maxDamaged: options.max_damaged,
  netDataSet,
});

/**
 * Reads the data set of a command, downloading it first where that is asked for, and holds out training images
 * for validation where `val_split` is given. `netDataSet` is what the file of a tested net records of its images.
 */
export const openDataSet = async (
  options: TrainingOptions,
  context: Omit<WorkflowContext, "now">,
  netDataSet?: DataSetInfo,
): Promise<DataSet> => {
  const { dataset: name, data: directory, evaluate, val_split: share } = options;
  if (options.download) await fetchDataSet({ name, directory }, context);
  const dataSet = await loadDataSet({
    name,
    directory,
    trainLimit: options.train_limit,
    testLimit: options.test_limit,
    parts: evaluate ? "test only" : "train and test",
    images: imageOptions(options, context, netDataSet),
  });
  return share === undefined || evaluate ? dataSet : holdOut(dataSet, share, options.seed);
};
