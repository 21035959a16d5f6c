import type { DataSet } from "../../data/data-set.js";
import { loadDataSet } from "../../data/load-data-set.js";
import type { CommandContext } from "../command.js";
import { fetchDataSet } from "./fetch-data-set.js";
import type { TrainingOptions } from "./training-call.js";

/** Reads the data set of a command, fetched first where --download asks for it. */
export const openDataSet = async (
  options: TrainingOptions,
  context: CommandContext,
): Promise<DataSet> => {
  const { dataset: name, data: directory } = options;
  if (options.download) await fetchDataSet({ name, directory }, context);
  return loadDataSet({
    name,
    directory,
    trainLimit: options.train_limit,
    testLimit: options.test_limit,
    parts: options.evaluate ? "test only" : "train and test",
  });
};
