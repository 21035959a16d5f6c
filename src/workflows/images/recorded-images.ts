import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { exists } from "../../files/exists.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { fileHistory } from "../outputs/file-history.js";

/** The images that a file was trained on, as far as it and its history record them. */
export interface RecordedImages {
  readonly dataSet: DataSetInfo;
  /** Their folder, where the history names it and it is still there. */
  readonly folder: string | undefined;
}

/** What is recorded of a file's images; `usual` is the folder that is looked in by default. */
export const recordedImages = async (
  checkpoint: Checkpoint,
  usual: string,
): Promise<RecordedImages> => {
  const dataSet = storedDataSetInfo(checkpoint);
  const found = await fileHistory(checkpoint);
  if (found.kind !== "found") return { dataSet, folder: undefined };
  const { run, options } = found.history;
  const { data } = options;
  // Training found its images there; another workflow may have left its test out.
  const isFolder = typeof data === "string" && !(run === null && data === usual);
  return { dataSet, folder: isFolder && (await exists(data)) ? data : undefined };
};
