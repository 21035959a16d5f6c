import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { shownNames } from "../../../base/shown-names.js";
import { hasCifar } from "../../../data/cifar/find-cifar-folder.js";
import { OWN_IMAGES } from "../../../data/data-set.js";
import { looksLikeImages } from "../../../data/image-folders/listing/looks-like-images.js";
import { exists } from "../../../files/reading/exists.js";
import { IMAGE_FOLDER_FLAGS } from "../../../options/groups/image-folder-options.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingCall, TrainingOptions } from "../training-call.js";

/** The part of a call that decides which images it reads. */
interface DataCall {
  readonly options: Pick<TrainingOptions, "dataset" | "data" | "download" | "resume" | "refine">;
  readonly given: ReadonlySet<string>;
}

/**
 * Sets `dataset` to the user's own images if it is not given and `data` contains image folders but not CIFAR.
 * @throws QpruneError (usage) if options for image folders are given with another data set.
 */
export const withDetectedDataSet = async <C extends DataCall>(call: C): Promise<C> => {
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
        `${name} is for image folders, but ${option("data")} ${options.data} does not exist.`,
        "Check the path of the folder, which has one folder per class (docs/own-images.md).",
      );
    }
    throw usageError(
      `${name} is for image folders, not for ${dataset}.`,
      `Set ${option("data")} to a folder with one subfolder per class, or omit ${name}.`,
    );
  }
  return { ...call, options: { ...options, dataset } };
};

/**
 * Refuses to train a net of the user's own images on another data set unless an option asks for it.
 * @throws QpruneError (usage) that names the classes of the file.
 */
export const checkRecordedImages = ({ options, given }: TrainingCall, files: InputFiles): void => {
  const source = [files.resume, files.refine].find(
    (file) => file?.manifest?.dataSet.name === OWN_IMAGES,
  );
  if (!source?.manifest || given.has("dataset") || options.dataset === OWN_IMAGES) return;
  const names = shownNames(source.manifest.dataSet.classNames);
  throw usageError(
    `${source.path} was trained on your own images (${names}); there are none in ${options.data}.`,
    `Set ${option("data")} to their folder.`,
  );
};
