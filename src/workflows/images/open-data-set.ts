import type { DataSet, DataSetInfo } from "../../data/data-set.js";
import { holdOut } from "../../data/hold-out.js";
import type { ImageFolderOptions } from "../../data/image-folders/image-folder-options.js";
import { loadDataSet } from "../../data/load-data-set.js";
import type { WorkflowContext } from "../context.js";
import type { TrainingOptions } from "../training/training-call.js";
import { fetchDataSet } from "./fetch-data-set.js";
import { imageFolders } from "./image-folders.js";

/** How to read image folders: as the options ask, or as the tested file records. */
const imageOptions = (
  options: TrainingOptions,
  context: Omit<WorkflowContext, "now">,
  recorded: DataSetInfo | undefined,
): ImageFolderOptions => ({
  ...imageFolders(context, options),
  imageSize: options.image_size,
  crop: options.crop,
  mirror: options.mirror,
  maxDamaged: options.max_damaged,
  netDataSet: recorded,
});

/**
 * Reads a data set, after downloading it if `download` asks for it, and holds out training images for validation if
 * `val_split` is given. `recorded` is the data set that the file of a tested net records.
 */
export const openDataSet = async (
  options: TrainingOptions,
  context: Omit<WorkflowContext, "now">,
  recorded?: DataSetInfo,
): Promise<DataSet> => {
  const { dataset: name, data: directory, evaluate, val_split: share } = options;
  if (options.download) await fetchDataSet({ name, directory }, context);
  const dataSet = await loadDataSet({
    name,
    directory,
    trainLimit: options.train_limit,
    testLimit: options.test_limit,
    parts: evaluate ? "test only" : "train and test",
    images: imageOptions(options, context, recorded),
  });
  return share === undefined || evaluate ? dataSet : holdOut(dataSet, share, options.seed);
};
