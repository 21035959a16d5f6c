import { CIFAR } from "../../data/cifar/cifar.js";
import { type DataSetInfo, OWN_IMAGES } from "../../data/data-set.js";
import { DIGITS_INFO } from "../../data/digits.js";
import { DEFAULT_IMAGE_SIZE } from "../../data/image-folders/image-folder-options.js";
import type { TestOptions } from "../../options/commands/test-options.js";
import type { RecordedImages } from "../../workflows/images/recorded-images.js";

/** Stands for a folder that nothing names. */
const SOME_FOLDER = "DIR";

/** How a call named its images. */
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
  if (folder === undefined) return name === OWN_IMAGES ? ["--data", SOME_FOLDER] : [];
  return folder === options.data ? [] : ["--data", folder];
};

/** What training does not take from a file, where the default is another. */
const trainingFlags = ({ name, height }: DataSetInfo): string[] => {
  if (name === OWN_IMAGES) {
    return height === DEFAULT_IMAGE_SIZE ? [] : ["--image-size", String(height)];
  }
  return name === CIFAR.cifar10.info.name ? [] : ["--dataset", name];
};

/**
 * The flags that name a net's images in the call that is advised next: as the present call named them, else as the
 * net's training did. A test takes from the file what training asks for by flags.
 */
export const nextDataFlags = (
  call: NamedImages,
  recorded: RecordedImages,
  next: "test" | "train",
): string[] => {
  const { dataset } = call.options;
  const asked = dataset === undefined ? [] : ["--dataset", dataset];
  const isLearned = next === "train" && dataset === undefined;
  return [
    ...folderFlags(call, recorded),
    ...asked,
    ...(isLearned ? trainingFlags(recorded.dataSet) : []),
  ];
};
