import { archiveOverride } from "../../data/archive-override.js";
import type { DataSet } from "../../data/data-set.js";
import { downloadDataSet } from "../../data/download-data-set.js";
import { loadDataSet } from "../../data/load-data-set.js";
import type { CommandContext } from "../command.js";
import type { TrainingOptions } from "./training-call.js";

const MEGABYTE = 1e6;

/** Says every tenth how far a download is. */
const progressLines = (context: CommandContext, name: string) => {
  let shown = -1;
  return ({
    receivedBytes,
    totalBytes,
  }: {
    receivedBytes: number;
    totalBytes?: number | undefined;
  }) => {
    if (!totalBytes) return;
    const tenth = Math.floor((10 * receivedBytes) / totalBytes);
    if (tenth === shown) return;
    shown = tenth;
    const megabytes = (totalBytes / MEGABYTE).toFixed(0);
    context.stderr.write(`Downloading ${name}: ${tenth * 10}% of ${megabytes} MB\n`);
  };
};

/** Reads the data set of a command, fetched first where --download asks for it. */
export const openDataSet = async (
  options: TrainingOptions,
  context: CommandContext,
): Promise<DataSet> => {
  const { dataset: name, data: directory } = options;
  if (options.download) {
    await downloadDataSet({
      name,
      directory,
      ...archiveOverride(context.env),
      onProgress: progressLines(context, name),
      signal: context.signal,
    });
  }
  return loadDataSet({
    name,
    directory,
    trainLimit: options.train_limit,
    testLimit: options.test_limit,
    parts: options.evaluate ? "test only" : "train and test",
  });
};
