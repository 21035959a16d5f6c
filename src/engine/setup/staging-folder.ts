import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "../../files/process-lock.js";

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

/** Deletes temporary folders below `root` whose process is gone; returns how many. */
export const removeLeftovers = async (root: string): Promise<number> => {
  const names = await readdir(root).catch(() => []);
  const isDead = (name: string): boolean => {
    const pid = Number(name.slice(PREFIX.length).split("-")[0]);
    return !Number.isInteger(pid) || !isProcessAlive(pid);
  };
  const leftovers = names.filter((name) => isStagingFolder(name) && isDead(name));
  for (const name of leftovers) await rm(join(root, name), { recursive: true, force: true });
  return leftovers.length;
};
