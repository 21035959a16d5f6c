import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { shownNames } from "../../../base/shown-names.js";
import { hasCifar } from "../../../data/cifar/find-cifar-folder.js";
import { OWN_IMAGES } from "../../../data/data-set.js";
import { looksLikeImages } from "../../../data/image-folders/listing/looks-like-images.js";
import { exists } from "../../../files/exists.js";
import { IMAGE_FOLDER_FLAGS } from "../../../options/commands/image-folder-options.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingCall } from "../training-call.js";

/**
 * Without `dataset`, folders of images in `data` count as a data set of one's own where CIFAR is not there.
 * @throws QpruneError (usage) where options for images meet another data set.
 */
export const withDetectedDataSet = async (call: TrainingCall): Promise<TrainingCall> => {
  const { options, given } = call;
  const isOpen = !given.has("dataset") && !options.download;
  const isImages =
    isOpen && !(await hasCifar(options.data)) && (await looksLikeImages(options.data));
  const dataset = isImages ? OWN_IMAGES : options.dataset;
  const stray =
    dataset === OWN_IMAGES ? undefined : IMAGE_FOLDER_FLAGS.find((key) => given.has(key));
  // A resumed run and a tested file record their data set.
  if (stray && options.resume === undefined && options.refine === undefined) {
    const name = option(stray);
    if (isOpen && !(await exists(options.data))) {
      throw usageError(
        `${name} is for folders of images, and ${option("data")} ${options.data} does not exist.`,
        "Check the path: it holds one folder per class (docs/own-images.md).",
      );
    }
    throw usageError(
      `${name} is for folders of images, not for ${dataset}.`,
      `Name a folder with one folder per class by ${option("data")}, or leave ${name} out.`,
    );
  }
  return { ...call, options: { ...options, dataset } };
};

/**
 * A net of the user's own images is not trained on another data set unless an option asks for it.
 * @throws QpruneError (usage) that names the classes of the file.
 */
export const checkRecordedImages = ({ options, given }: TrainingCall, files: InputFiles): void => {
  const told = [files.resume, files.refine].find(
    (file) => file?.manifest?.dataSet.name === OWN_IMAGES,
  );
  if (!told?.manifest || given.has("dataset") || options.dataset === OWN_IMAGES) return;
  const names = shownNames(told.manifest.dataSet.classNames);
  throw usageError(
    `${told.path} was trained on your own images (${names}); there are none in ${options.data}.`,
    `Give their folder with ${option("data")}.`,
  );
};
