import { QpruneError } from "../base/errors.js";
import { loadAnnotated } from "./annotated/load-annotated.js";
import { CIFAR, type Cifar, type CifarName } from "./cifar/cifar.js";
import { noCifarError } from "./cifar/cifar-errors.js";
import { findCifarFolder, findCifarPythonFolder } from "./cifar/find-cifar-folder.js";
import { readCifarPython } from "./cifar/python/read-cifar-python.js";
import { readCifar } from "./cifar/read-cifar.js";
import { createImageSet } from "./create-image-set.js";
import type { DataSet, DataSetName, ImageSet } from "./data-set.js";
import { DIGITS_FOLDER, DIGITS_INFO, readDigits } from "./digits.js";
import { digitsDetectionInfo, drawDigitsDetection } from "./digits-detection/digits-detection.js";
import type { ImageFolderOptions } from "./image-folders/image-folder-options.js";
import { loadImageFolders } from "./image-folders/load-image-folders.js";
import { dataSetForNet, type NetInput } from "./preparation.js";

export interface LoadDataSetOptions {
  readonly name: DataSetName;
  /** The folder with the files, or its parent folder; not used for the digits. */
  readonly directory: string;
  /** Read at most this many images, the first ones; default: all. */
  readonly trainLimit?: number | undefined;
  readonly testLimit?: number | undefined;
  /**
   * The indices of the training images that will be used, of so many. Images that are drawn are drawn for these only, and the others
   * remain black. Default: all.
   */
  readonly trainUsed?: ((count: number) => Uint32Array) | undefined;
  /** With "test only", the training set is empty and its files need not exist. */
  readonly parts: "train and test" | "test only";
  /** What the net expects; default: the data set's own size, mean and deviation. Folders of images: see `images`. */
  readonly net?: NetInput | undefined;
  /** How folders of images are read; required for "images" and "boxes", ignored for other data sets. */
  readonly images?: ImageFolderOptions | undefined;
}

const NO_IMAGES: ImageSet = createImageSet(0, 0);

/** The files of a CIFAR data set and their reader. */
interface CifarSource {
  readonly folder: string;
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  readonly read: typeof readCifar;
}

/**
 * Finds the binary files of a CIFAR data set, or those of the Python version if more of these exist.
 * @throws QpruneError (usage) if there are none.
 */
export const findCifar = async (
  cifar: Cifar,
  { directory, parts }: Pick<LoadDataSetOptions, "directory" | "parts">,
): Promise<CifarSource> => {
  const wanted = ({ trainFiles, testFile }: Pick<Cifar, "trainFiles" | "testFile">) =>
    parts === "test only" ? [testFile] : [...trainFiles, testFile];
  const binary = await findCifarFolder(cifar, directory, wanted(cifar));
  const python = await findCifarPythonFolder(cifar, directory, wanted(cifar.python));
  if (python && python.found > (binary?.found ?? 0)) {
    return { ...cifar.python, folder: python.folder, read: readCifarPython };
  }
  if (!binary) throw await noCifarError(cifar, directory, wanted(cifar));
  const { trainFiles, testFile } = cifar;
  return { folder: binary.folder, trainFiles, testFile, read: readCifar };
};

const loadCifar = async (
  name: CifarName,
  options: LoadDataSetOptions,
  trainLimit: number,
  testLimit: number,
): Promise<DataSet> => {
  const cifar = CIFAR[name];
  const { folder, trainFiles, testFile, read } = await findCifar(cifar, options);
  const train =
    options.parts === "test only"
      ? NO_IMAGES
      : await read(cifar, folder, trainFiles, cifar.recordsPerTrainFile, trainLimit);
  const test = await read(cifar, folder, [testFile], cifar.recordsPerTestFile, testLimit);
  return { info: cifar.info, train, test };
};

const loadDigits = async (
  { parts }: LoadDataSetOptions,
  trainLimit: number,
  testLimit: number,
): Promise<DataSet> => ({
  info: DIGITS_INFO,
  train: parts === "test only" ? NO_IMAGES : await readDigits(DIGITS_FOLDER, "train", trainLimit),
  test: await readDigits(DIGITS_FOLDER, "t10k", testLimit),
});

const loadDigitsDetection = async (
  { parts, net, trainUsed: used }: LoadDataSetOptions,
  trainLimit: number,
  testLimit: number,
): Promise<DataSet> => {
  const info = digitsDetectionInfo(net?.side);
  const { height: side } = info;
  const train =
    parts === "test only"
      ? NO_IMAGES
      : await drawDigitsDetection({ part: "train", limit: trainLimit, side, used });
  const test = await drawDigitsDetection({ part: "t10k", limit: testLimit, side });
  return { info, train, test };
};

/**
 * Reads a data set into memory. CIFAR comes from the authors' files (binary or Python version) in `directory` or one
 * folder down, the digits and scenes of digits from the package itself, images from class folders (see loadImageFolders), and images
 * with boxes from folders with annotations (see loadAnnotated).
 * @throws QpruneError that names the file, what is wrong with it, and how to get it; (usage) if `directory` has no data.
 */
export const loadDataSet = async (options: LoadDataSetOptions): Promise<DataSet> => {
  const trainLimit = options.trainLimit ?? Number.POSITIVE_INFINITY;
  const testLimit = options.testLimit ?? Number.POSITIVE_INFINITY;
  const forNet = (dataSet: DataSet): DataSet =>
    options.net ? dataSetForNet(dataSet, options.net) : dataSet;
  switch (options.name) {
    case "cifar10":
    case "cifar100":
      return forNet(await loadCifar(options.name, options, trainLimit, testLimit));
    case "digits":
      return forNet(await loadDigits(options, trainLimit, testLimit));
    case "digits-detection":
      return forNet(await loadDigitsDetection(options, trainLimit, testLimit));
    case "images":
    case "boxes": {
      const { name, directory, parts, images } = options;
      if (!images) throw new QpruneError(`\`images\` is required when the data set is "${name}".`);
      const load = name === "boxes" ? loadAnnotated : loadImageFolders;
      return load({ directory, parts, trainLimit, testLimit }, images);
    }
  }
};
