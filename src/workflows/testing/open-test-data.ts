import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { areNumbered } from "../../data/class-names.js";
import { type DataSet, type DataSetInfo, dataSetToRead } from "../../data/data-set.js";
import { type LoadDataSetOptions, loadDataSet } from "../../data/load-data-set.js";
import { testInput } from "../../data/preparation.js";
import type { TestOptions } from "../../options/groups/test-options.js";
import type { WorkflowContext } from "../context.js";
import { recordedImageFolders } from "../images/image-folders.js";

/** Why nothing is tested. */
export type Untested =
  | { readonly because: "not wanted" }
  | { readonly because: "dry run" }
  | { readonly because: "other classes"; readonly dataSet: string; readonly file: string }
  | { readonly because: "unknown data set"; readonly dataSet: string; readonly file: string }
  | { readonly because: "no images"; readonly dataSet: string; readonly folder: string };

/** A data set to test on, or why there is none. */
export type TestData =
  | { readonly kind: "found"; readonly dataSet: DataSet }
  | { readonly kind: "none"; readonly untested: Untested };

/** The reason as part of a sentence. */
export const untestedReason = (untested: Untested): string => {
  switch (untested.because) {
    case "not wanted":
      return "no test was requested";
    case "dry run":
      return "nothing is written";
    case "other classes":
      return `${untested.file} has other classes than ${untested.dataSet}`;
    case "unknown data set":
      return `${untested.file} was trained on ${untested.dataSet}, which qprune cannot read`;
    case "no images":
      return `no ${untested.dataSet} in ${untested.folder}`;
  }
};

/** The net to test. */
export interface Tested {
  readonly path: string;
  /** The data set that its file records. */
  readonly dataSet: DataSetInfo;
  readonly classes: number;
}

/** How the images of a net are read. */
interface ReadOptions
  extends Pick<LoadDataSetOptions, "name" | "parts" | "trainLimit" | "trainUsed"> {
  readonly options: Pick<TestOptions, "dataset" | "data" | "max_damaged" | "num_workers"> &
    Partial<Pick<TestOptions, "test_limit">>;
  readonly tested: Tested;
}

/** @throws QpruneError if the images are missing (usage) or damaged, or have another number of classes. */
const loadImages = async (
  { name, parts, trainLimit, trainUsed, options, tested }: ReadOptions,
  context: Omit<WorkflowContext, "now">,
): Promise<DataSet> => {
  const dataSet = await loadDataSet({
    name,
    directory: options.data,
    trainLimit,
    trainUsed,
    testLimit: options.test_limit,
    parts,
    net: testInput(name, tested.dataSet),
    images: recordedImageFolders(context, options, tested.dataSet),
  });
  const classes = dataSet.info.classNames.length;
  if (classes === tested.classes) return dataSet;
  throw new QpruneError(
    `${tested.path} has ${tested.classes} classes, but ${name} has ${classes}.`,
    {
      // Without names of classes, the number alone shows that these are other images.
      ...(areNumbered(tested.dataSet.classNames) && { kind: "usage" }),
      hint: `Set ${option("dataset")} to the data set that the file was trained on.`,
    },
  );
};

const unknownDataSet = ({ dataSet, path }: Tested): Untested => ({
  because: "unknown data set",
  dataSet: dataSet.name,
  file: path,
});

const chooseDataSetError = (untested: Untested): QpruneError =>
  usageError(`${untestedReason(untested)}.`, `Choose a data set with ${option("dataset")}.`);

/**
 * Opens the training and test images of a net.
 * @param trainUsed see loadDataSet
 * @throws QpruneError if they are unknown or missing (usage), damaged, or have another number of classes.
 */
export const openTrainingImages = async (
  options: ReadOptions["options"] & { readonly train_limit?: number | undefined },
  tested: Tested,
  context: Omit<WorkflowContext, "now">,
  trainUsed?: LoadDataSetOptions["trainUsed"],
): Promise<DataSet> => {
  const name = options.dataset ?? dataSetToRead(tested.dataSet.name);
  if (name === undefined) throw chooseDataSetError(unknownDataSet(tested));
  const { train_limit: trainLimit } = options;
  const parts = "train and test";
  return loadImages({ name, parts, trainLimit, trainUsed, options, tested }, context);
};

/**
 * Opens the images to test on. A missing data set is an error only if an option asks for it.
 * @throws QpruneError if the data is damaged or has another number of classes.
 */
export const openTestData = async (
  options: Omit<TestOptions, "engine" | "cpu">,
  given: ReadonlySet<string>,
  tested: Tested,
  context: Omit<WorkflowContext, "now">,
): Promise<TestData> => {
  if (!options.test) return { kind: "none", untested: { because: "not wanted" } };
  const name = options.dataset ?? dataSetToRead(tested.dataSet.name);
  const isAskedFor = ["data", "dataset", "test_limit"].some((key) => given.has(key));
  if (name === undefined) {
    const untested = unknownDataSet(tested);
    if (!isAskedFor) return { kind: "none", untested };
    throw chooseDataSetError(untested);
  }
  try {
    const dataSet = await loadImages({ name, parts: "test only", options, tested }, context);
    return { kind: "found", dataSet };
  } catch (error) {
    const isMissing = error instanceof QpruneError && error.kind === "usage";
    if (!isMissing || isAskedFor) throw error;
    return {
      kind: "none",
      untested: { because: "no images", dataSet: name, folder: options.data },
    };
  }
};
