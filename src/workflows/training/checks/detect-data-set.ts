import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { findAnnotated } from "../../../data/annotated/find-annotated.js";
import { hasCifar } from "../../../data/cifar/find-cifar-folder.js";
import { isOwnImages, OWN_BOXES, OWN_IMAGES } from "../../../data/data-set.js";
import { looksLikeImages } from "../../../data/image-folders/listing/looks-like-images.js";
import { exists } from "../../../files/reading/exists.js";
import { IMAGE_FOLDER_FLAGS } from "../../../options/groups/image-folder-options.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingCall, TrainingOptions } from "../training-call.js";

/** The part of a call that decides which images it reads. */
interface DataCall {
  readonly options: Pick<TrainingOptions, "dataset" | "data" | "evaluate" | "resume" | "refine"> & {
    /** Undefined if the call cannot download. */
    readonly download: boolean | undefined;
  };
  readonly given: ReadonlySet<string>;
}

/** The kind of the user's own images in a folder: with boxes, or in class folders; undefined for CIFAR and other folders. */
export const ownImagesIn = async (
  folder: string,
): Promise<typeof OWN_IMAGES | typeof OWN_BOXES | undefined> => {
  if (await hasCifar(folder)) return undefined;
  if (await findAnnotated(folder)) return OWN_BOXES;
  return (await looksLikeImages(folder)) ? OWN_IMAGES : undefined;
};

/**
 * Sets `dataset` to the user's own images if it is not given and `data` contains them, but not CIFAR.
 * @throws QpruneError (usage) if `data` names a folder that does not exist, or options for image folders are given with
 * another data set.
 */
export const withDetectedDataSet = async <C extends DataCall>(call: C): Promise<C> => {
  const { options, given } = call;
  const isOpen = !given.has("dataset") && !options.download;
  const dataset = (isOpen ? await ownImagesIn(options.data) : undefined) ?? options.dataset;
  const stray = isOwnImages(dataset) ? undefined : IMAGE_FOLDER_FLAGS.find((key) => given.has(key));
  const isRecorded = options.resume !== undefined || options.evaluate;
  if (isOpen && given.has("data") && !isRecorded && !(await exists(options.data))) {
    const images = `Set ${option("data")} to a folder with one subfolder of images per class (docs/own-images.md), to one with annotated boxes (docs/detection.md)`;
    const cifar =
      options.download === undefined
        ? "or to that of CIFAR-10."
        : `or add ${option("download")} to fetch CIFAR-10 into that folder.`;
    throw usageError(`There is no folder ${visibleText(options.data)}.`, `${images}, ${cifar}`);
  }
  // A resumed run and a tested file record their data set.
  if (stray && options.resume === undefined && options.refine === undefined) {
    const name = option(stray);
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
  const source = [files.resume, files.refine].find((file) =>
    isOwnImages(file?.manifest?.dataSet.name),
  );
  if (!source?.manifest || given.has("dataset") || isOwnImages(options.dataset)) return;
  const names = shownNames(source.manifest.dataSet.classNames);
  throw usageError(
    `${source.path} was trained on your own images (${names}); there are none in ${options.data}.`,
    `Set ${option("data")} to their folder.`,
  );
};
