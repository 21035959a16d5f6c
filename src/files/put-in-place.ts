import { randomBytes } from "node:crypto";
import { realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFailure } from "./write-file-atomically.js";

const aName = (folder: string): string =>
  join(folder, `.qprune-${process.pid}-${randomBytes(6).toString("hex")}.tmp`);

/** Gives `made` the name `path`; a folder that has it is moved away first, since none can be renamed over. */
const takeName = async (made: string, path: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return rename(made, path);
  const old = aName(dirname(path));
  await rename(path, old);
  try {
    await rename(made, path);
  } catch (error) {
    await rename(old, path);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
};

/**
 * Puts a file or a folder at `path`, whole or not at all: `make` makes it under a temporary name in the
 * same folder, and it takes the name `path` last, in place of what had it. When `make` throws, what was
 * there stays and the temporary one is removed.
 * @throws what `make` throws, and QpruneError with the reason when the system refuses.
 */
export const putInPlace = async <T>(
  path: string,
  make: (temporary: string) => Promise<T>,
): Promise<T> => {
  const target = await realpath(path).catch(() => path);
  const temporary = aName(dirname(target));
  try {
    const result = await make(temporary);
    await takeName(temporary, target);
    return result;
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(path, cause);
  }
};
