import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { STATE_FILE_SUFFIXES } from "../../checkpoint/state-file.js";
import { fileHistory } from "./file-history.js";

/** Whether the history of a file also tells of one that has its name in another format: nin.pth beside nin.safetensors. */
export const isHistoryShared = async (path: string): Promise<boolean> => {
  const suffixes: readonly string[] = Object.values(STATE_FILE_SUFFIXES).flat();
  const own = suffixes.find((suffix) => path.endsWith(suffix));
  if (own === undefined) return false;
  const name = path.slice(0, -own.length);
  for (const suffix of suffixes.filter((each) => each !== own)) {
    const other = await loadCheckpoint(`${name}${suffix}`).catch(() => undefined);
    if (other && (await fileHistory(other)).kind === "found") return true;
  }
  return false;
};
