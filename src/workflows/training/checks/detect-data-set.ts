import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { hasCifar } from "../../../data/cifar/find-cifar-folder.js";
import { OWN_IMAGES } from "../../../data/data-set.js";
import { looksLikeImages } from "../../../data/image-folders/listing/looks-like-images.js";
import { exists } from "../../../files/exists.js";
import { IMAGE_FOLDER_FLAGS } from "../../../options/commands/image-folder-options.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingCall } from "../training-call.js";

/**
 * Without --dataset, folders of images in --data are taken for what they look like where CIFAR is not there.
 * @throws QpruneError (usage) where flags for images meet another data set.
 */
export const withDetectedDataSet = async (call: TrainingCall): Promise<TrainingCall> => {
  const { options, given } = call;
  const isOpen = !given.has("dataset") && !options.download;
  const isImages =
    isOpen && !(await hasCifar(options.data)) && (await looksLikeImages(options.data));
  const dataset = isImages ? OWN_IMAGES : options.dataset;
  const stray =
    dataset === OWN_IMAGES ? undefined : IMAGE_FOLDER_FLAGS.find((key) => given.has(key));
  // A run that goes on, and a file that is tested, tell their data set themselves.
  if (stray && options.resume === undefined && options.refine === undefined) {
    const flag = `--${stray.replaceAll("_", "-")}`;
    if (isOpen && !(await exists(options.data))) {
      throw usageError(
        `${flag} is for folders of images, and --data ${options.data} does not exist.`,
        "Check the path: it holds one folder a class (docs/own-images.md).",
      );
    }
    throw usageError(
      `${flag} is for folders of images, not for ${dataset}.`,
      "Name a folder with one folder a class by --data, or leave the flag out.",
    );
  }
  return { ...call, options: { ...options, dataset } };
};

/**
 * A net of own images is not trained on with another data set unless a flag says so.
 * @throws QpruneError (usage) that names the classes of the file.
 */
export const checkToldImages = ({ options, given }: TrainingCall, files: InputFiles): void => {
  const told = [files.resume, files.refine].find(
    (file) => file?.manifest?.dataSet.name === OWN_IMAGES,
  );
  if (!told?.manifest || given.has("dataset") || options.dataset === OWN_IMAGES) return;
  const names = shownNames(told.manifest.dataSet.classNames);
  throw usageError(
    `${told.path} tells own images apart (${names}); there are none in ${options.data}.`,
    "Give their folder with --data.",
  );
};
