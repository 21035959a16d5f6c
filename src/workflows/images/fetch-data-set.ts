import type { DataSetName } from "../../data/data-set.js";
import { archiveOverride } from "../../data/download/archive-override.js";
import { downloadDataSet } from "../../data/download/download-data-set.js";
import type { WorkflowContext } from "../context.js";

/** Downloads a data set from its authors if it is missing. */
export const fetchDataSet = (
  { name, directory }: { readonly name: DataSetName; readonly directory: string },
  { env, signal, onEvent }: Omit<WorkflowContext, "now">,
): Promise<unknown> =>
  downloadDataSet({
    name,
    directory,
    ...archiveOverride(env),
    onProgress: ({ receivedBytes, totalBytes }) =>
      onEvent({ kind: "download-progress", dataSet: name, receivedBytes, totalBytes }),
    signal,
  });
