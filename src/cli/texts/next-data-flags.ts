import { CIFAR } from "../../data/cifar/cifar.js";
import { type DataSetInfo, dataSetToRead, isOwnImages } from "../../data/data-set.js";
import { DIGITS_INFO } from "../../data/digits.js";
import { DEFAULT_IMAGE_SIZE } from "../../data/image-folders/image-folder-options.js";
import type { TestOptions } from "../../options/groups/test-options.js";
import type { RecordedImages } from "../../workflows/images/recorded-images.js";

/** Placeholder for an unknown folder. */
const UNKNOWN_FOLDER = "DIR";

/** The options of a call that name its images. */
interface NamedImages {
  readonly options: Pick<TestOptions, "data" | "dataset">;
  readonly given: ReadonlySet<string>;
}

const folderFlags = (
  { options, given }: NamedImages,
  { dataSet: { name }, folder }: RecordedImages,
): string[] => {
  if (given.has("data")) return ["--data", options.data];
  if ((options.dataset ?? name) === DIGITS_INFO.name) return [];
  if (folder === undefined) {
    return isOwnImages(dataSetToRead(name)) ? ["--data", UNKNOWN_FOLDER] : [];
  }
  return folder === options.data ? [] : ["--data", folder];
};

/** Flags that training needs because it does not read these settings from the file. */
const trainingFlags = ({ name, height, augmentation }: DataSetInfo): string[] => {
  const isOwn = isOwnImages(dataSetToRead(name));
  const isDefault = name === CIFAR.cifar10.info.name || isOwn;
  return [
    ...(isDefault ? [] : ["--dataset", name]),
    ...(height === DEFAULT_IMAGE_SIZE ? [] : ["--image-size", String(height)]),
    ...(isOwn && !augmentation.mirror ? ["--no-mirror"] : []),
  ];
};

/**
 * The flags for a net's images in a suggested next command: those of the current call, or else those of the net's
 * training. Tests read some settings from the file that training needs flags for.
 */
export const nextDataFlags = (
  call: NamedImages,
  recorded: RecordedImages,
  next: "test" | "train",
): string[] => {
  const { dataset } = call.options;
  const dataSetFlags = dataset === undefined ? [] : ["--dataset", dataset];
  const isLearned = next === "train" && dataset === undefined;
  return [
    ...folderFlags(call, recorded),
    ...dataSetFlags,
    ...(isLearned ? trainingFlags(recorded.dataSet) : []),
  ];
};
