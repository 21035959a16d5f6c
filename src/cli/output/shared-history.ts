import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { stateDigest } from "../../checkpoint/state-digest.js";
import { STATE_FILE_SUFFIXES } from "../../checkpoint/state-file.js";
import { readHistory } from "../../checkpoint/training-history.js";
import { historyPathOf } from "./history-path.js";

/** Whether the history of a file also tells of one that has its name in another format: nin.pth beside nin.safetensors. */
export const isHistoryShared = async (path: string): Promise<boolean> => {
  const found = await readHistory(historyPathOf(path));
  if (found.kind !== "found") return false;
  const suffixes: readonly string[] = Object.values(STATE_FILE_SUFFIXES).flat();
  const own = suffixes.find((suffix) => path.endsWith(suffix));
  if (own === undefined) return false;
  for (const suffix of suffixes.filter((each) => each !== own)) {
    const other = await loadCheckpoint(`${path.slice(0, -own.length)}${suffix}`).catch(
      () => undefined,
    );
    if (other && stateDigest(other.state) === found.history.model) return true;
  }
  return false;
};
