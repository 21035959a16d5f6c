import { QpruneError } from "../base/errors.js";
import { CIFAR, type Cifar, type CifarName } from "./cifar/cifar.js";
import { findCifarFolder, findCifarPythonFolder } from "./cifar/find-cifar-folder.js";
import { noCifarError } from "./cifar/no-cifar-error.js";
import { readCifarPython } from "./cifar/python/read-cifar-python.js";
import { readCifar } from "./cifar/read-cifar.js";
import { createImageSet } from "./create-image-set.js";
import type { DataSet, DataSetName, ImageSet } from "./data-set.js";
import { DIGITS_FOLDER, DIGITS_INFO, readDigits } from "./digits.js";
import type { ImageFolderOptions } from "./image-folders/image-folder-options.js";
import { loadImageFolders } from "./image-folders/load-image-folders.js";

export interface LoadDataSetOptions {
  readonly name: DataSetName;
  /** Where the files are, or the folder that holds their folder; not used for the digits. */
  readonly directory: string;
  /** Only the first images of the files; all if there are fewer or none is given. */
  readonly trainLimit?: number | undefined;
  readonly testLimit?: number | undefined;
  /** With "test only" the training set is empty and its files need not exist. */
  readonly parts: "train and test" | "test only";
  /** How folders of images are read; needed for "images", of no effect elsewhere. */
  readonly images?: ImageFolderOptions | undefined;
}

const NO_IMAGES: ImageSet = createImageSet(0, 0);

/** Where the files of a CIFAR data set are, and how they are read. */
interface CifarSource {
  readonly folder: string;
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  readonly read: typeof readCifar;
}

/**
 * The binary files, or those of the Python version where more of these are there.
 * @throws QpruneError (usage) where there are none.
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

/**
 * Reads a data set into memory. CIFAR is read from the authors' files in `directory` or one folder
 * down, those of the binary or of the Python version, the digits from the package itself, images from
 * folders, one a class (see loadImageFolders). Throws a QpruneError (kind "usage" if there is
 * no data at all in `directory`) that names the file, what is wrong with it, and how to get it.
 */
export const loadDataSet = async (options: LoadDataSetOptions): Promise<DataSet> => {
  const trainLimit = options.trainLimit ?? Number.POSITIVE_INFINITY;
  const testLimit = options.testLimit ?? Number.POSITIVE_INFINITY;
  switch (options.name) {
    case "cifar10":
    case "cifar100":
      return loadCifar(options.name, options, trainLimit, testLimit);
    case "digits":
      return {
        info: DIGITS_INFO,
        train:
          options.parts === "test only"
            ? NO_IMAGES
            : await readDigits(DIGITS_FOLDER, "train", trainLimit),
        test: await readDigits(DIGITS_FOLDER, "t10k", testLimit),
      };
    case "images": {
      const { directory, parts, images } = options;
      if (!images) throw new QpruneError("It is not said how folders of images are read.");
      return loadImageFolders({ directory, parts, trainLimit, testLimit }, images);
    }
  }
};
