import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { exists } from "../../files/reading/exists.js";
import { fileHistory } from "../history/file-history.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";

/** What a file and its history record about the images that it was trained on. */
export interface RecordedImages {
  readonly dataSet: DataSetInfo;
  /** Their folder, if the history names it and it still exists. */
  readonly folder: string | undefined;
}

/** Looks up the images of a file; `defaultFolder` is the default of the option `data`. */
export const recordedImages = async (
  checkpoint: Checkpoint,
  defaultFolder: string,
): Promise<RecordedImages> => {
  const dataSet = storedDataSetInfo(checkpoint);
  const found = await fileHistory(checkpoint);
  if (found.kind !== "found") return { dataSet, folder: undefined };
  const { run, options } = found.history;
  const { data } = options;
  // Training requires its images; another workflow may have skipped its test because the default folder had none.
  const isFolder = typeof data === "string" && !(run === null && data === defaultFolder);
  return { dataSet, folder: isFolder && (await exists(data)) ? data : undefined };
};
