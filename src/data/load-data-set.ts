import { CIFAR, type CifarName } from "./cifar.js";
import { createImageSet } from "./create-image-set.js";
import type { DataSet, DataSetName, ImageSet } from "./data-set.js";
import { DIGITS_FOLDER, DIGITS_INFO, readDigits } from "./digits.js";
import { findCifarFolder } from "./find-cifar-folder.js";
import { noCifarError } from "./no-cifar-error.js";
import { readCifar } from "./read-cifar.js";

export interface LoadDataSetOptions {
  readonly name: DataSetName;
  /** Where the files are, or the folder that holds their folder; not used for the digits. */
  readonly directory: string;
  /** Only the first images of the files; all if there are fewer or none is given. */
  readonly trainLimit?: number | undefined;
  readonly testLimit?: number | undefined;
  /** With "test only" the training set is empty and its files need not exist. */
  readonly parts: "train and test" | "test only";
}

const NO_IMAGES: ImageSet = createImageSet(0, 0);

const loadCifar = async (
  name: CifarName,
  { directory, parts }: LoadDataSetOptions,
  trainLimit: number,
  testLimit: number,
): Promise<DataSet> => {
  const cifar = CIFAR[name];
  const wanted = parts === "test only" ? [] : cifar.trainFiles;
  const folder = await findCifarFolder(cifar, directory, [...wanted, cifar.testFile]);
  if (folder === undefined) {
    throw await noCifarError(cifar, directory, [...wanted, cifar.testFile]);
  }
  const train =
    wanted.length === 0
      ? NO_IMAGES
      : await readCifar(cifar, folder, wanted, cifar.recordsPerTrainFile, trainLimit);
  const test = await readCifar(
    cifar,
    folder,
    [cifar.testFile],
    cifar.recordsPerTestFile,
    testLimit,
  );
  return { info: cifar.info, train, test };
};

/**
 * Reads a data set into memory. CIFAR is read from the authors' binary files in `directory` or one
 * folder down, the digits from the package itself. Throws a QpruneError (kind "usage" if there is
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
  }
};
