import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const PREFIX = ".partial-";

/** Whether a name in the cache is that of a folder that is, or was, being filled. */
export const isStagingFolder = (name: string): boolean => name.startsWith(PREFIX);

/**
 * Makes `target` appear whole or not at all: `fill` works in a temporary folder beside it, which takes
 * the name at the end and is deleted on failure. What stood at `target` before is replaced.
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
 * Deletes temporary folders below `root`; returns how many. With the lock of the set-up held, none is being filled:
 * ids of processes do not matter, which mean others in other containers.
 */
export const removeLeftovers = async (root: string): Promise<number> => {
  const names = await readdir(root).catch(() => []);
  const leftovers = names.filter(isStagingFolder);
  for (const name of leftovers) await rm(join(root, name), { recursive: true, force: true });
  return leftovers.length;
};
