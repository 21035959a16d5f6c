import type { DataSetName } from "../../data/data-set.js";
import { archiveOverride } from "../../data/download/archive-override.js";
import { downloadDataSet } from "../../data/download/download-data-set.js";
import type { CommandContext } from "../../cli/command.js";

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

/** Fetches a data set from its authors if it is not there. */
export const fetchDataSet = async (
  { name, directory }: { readonly name: DataSetName; readonly directory: string },
  context: CommandContext,
): Promise<void> => {
  await downloadDataSet({
    name,
    directory,
    ...archiveOverride(context.env),
    onProgress: progressLines(context, name),
    signal: context.signal,
  });
};
