import { QpruneError, usageError } from "../../base/errors.js";
import { DATA_SET_NAMES, type DataSet, type DataSetInfo } from "../../data/data-set.js";
import { loadDataSet } from "../../data/load-data-set.js";
import type { TestOptions } from "../../options/commands/test-options.js";
import type { CommandContext } from "../../cli/command.js";
import { toldImageFolders } from "./image-folders.js";

/** A data set to test on, or why there is none. */
export type TestData =
  | { readonly kind: "found"; readonly dataSet: DataSet }
  | { readonly kind: "none"; readonly why: string };

/** The net that is to be tested. */
export interface Tested {
  readonly path: string;
  /** The data set that its file tells. */
  readonly dataSet: DataSetInfo;
  readonly classes: number;
}

/**
 * Finds the images to test on. A data set that is not there is no error unless a flag asks for it.
 * @throws QpruneError for data that is damaged or has another number of classes.
 */
export const openTestData = async (
  options: Omit<TestOptions, "engine" | "cpu">,
  given: ReadonlySet<string>,
  tested: Tested,
  context: Pick<CommandContext, "env" | "signal" | "stderr">,
): Promise<TestData> => {
  if (!options.test) return { kind: "none", why: "--no-test" };
  const name = options.dataset ?? DATA_SET_NAMES.find((each) => each === tested.dataSet.name);
  const isAskedFor = ["data", "dataset", "test_limit"].some((flag) => given.has(flag));
  if (name === undefined) {
    const why = `qprune has no data set ${tested.dataSet.name}, which ${tested.path} names`;
    if (isAskedFor) throw usageError(`${why}.`, "Choose a data set with --dataset.");
    return { kind: "none", why };
  }
  try {
    const dataSet = await loadDataSet({
      name,
      directory: options.data,
      testLimit: options.test_limit,
      parts: "test only",
      images: toldImageFolders(context, options, tested.dataSet),
    });
    const classes = dataSet.info.classNames.length;
    if (classes === tested.classes) return { kind: "found", dataSet };
    throw new QpruneError(
      `${tested.path} has ${tested.classes} classes, but ${name} has ${classes}.`,
      { hint: "Choose the data set that the file was trained on with --dataset." },
    );
  } catch (error) {
    const isMissing = error instanceof QpruneError && error.kind === "usage";
    if (!isMissing || isAskedFor) throw error;
    return { kind: "none", why: `no ${name} in ${options.data}; give its folder with --data` };
  }
};
