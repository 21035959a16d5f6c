import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const PREFIX = ".partial-";

/** Whether a name in the cache is that of a folder that is being filled, or was when its process ended. */
export const isStagingFolder = (name: string): boolean => name.startsWith(PREFIX);

/**
 * Creates `target` completely or not at all. `fill` works in a temporary folder next to it, which is renamed at the end,
 * replacing a previous `target`, and is deleted on failure.
 */
export const fillFolder = async (
  root: string,
  target: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> => {
  const folder = join(root, `${PREFIX}${process.pid}-${randomBytes(6).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  try {
    await fill(folder);
    await rm(target, { recursive: true, force: true });
    await rename(folder, target);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw cause;
  }
};

/**
 * Deletes temporary folders in `root` and returns their number. Call it while holding the lock of the set-up, so that
 * none is being filled. It ignores the process ids in their names, which other containers may use, too.
 */
export const removeLeftovers = async (root: string): Promise<number> => {
  const names = await readdir(root).catch(() => []);
  const leftovers = names.filter(isStagingFolder);
  for (const name of leftovers) await rm(join(root, name), { recursive: true, force: true });
  return leftovers.length;
};
