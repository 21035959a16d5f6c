import { existsSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { withProcessLock } from "../../../files/locks/process-lock.js";
import type { Machine } from "../machine.js";
import { setupFailure } from "../setup-failure.js";
import { cachePaths } from "./cache-folder.js";
import { folderBytes } from "./folder-bytes.js";
import { isStagingFolder } from "./staging-folder.js";

/**
 * Deletes all versions of the engine from the cache after any running set-up has finished. Other files in the cache stay.
 * @returns the number of bytes freed.
 */
export const removeEngine = async (machine: Machine, signal?: AbortSignal): Promise<number> => {
  const { root, lockFile } = cachePaths(machine);
  if (!existsSync(root)) return 0;
  let freed = 0;
  const removeAll = async (): Promise<void> => {
    for (const name of await readdir(root)) {
      const isOurs = name.startsWith("engine-") || isStagingFolder(name);
      if (!isOurs || name === basename(lockFile)) continue;
      freed += await folderBytes(join(root, name));
      await rm(join(root, name), { recursive: true, force: true });
    }
  };
  try {
    await withProcessLock(lockFile, removeAll, { signal });
  } catch (cause) {
    throw setupFailure(root, cause);
  }
  // Only if it is empty: other parts may keep data in it.
  await rmdir(root).catch(() => undefined);
  return freed;
};
