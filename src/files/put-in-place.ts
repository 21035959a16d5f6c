import { chmod, chown, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { replacedAttributes, takeAttributes } from "./file-attributes.js";
import { linkTarget } from "./link-target.js";
import { KeptElsewhere, moveAfter, moveOver, temporaryPath } from "./move-over.js";
import { writeFailure } from "./write-file-atomically.js";

/** A file or folder by its name, as far as {@link takeAttributes} changes it. */
const byName = (path: string) => ({
  stat: () => stat(path),
  chown: (uid: number, gid: number) => chown(path, uid, gid),
  chmod: (mode: number) => chmod(path, mode),
});

/**
 * Puts a file or a folder at `path`, whole or not at all: `make` makes it under a temporary name in the
 * same folder, and it takes the name `path` last, in place of what had it, with its permissions and owner. When
 * `make` throws, what was there stays and the temporary one is removed.
 * @throws what `make` throws, and QpruneError with the reason when the system refuses.
 */
export const putInPlace = async <T>(
  path: string,
  make: (temporary: string) => Promise<T>,
): Promise<T> => {
  const target = await linkTarget(path);
  const temporary = temporaryPath(dirname(target));
  try {
    const result = await make(temporary);
    const replaced = await replacedAttributes(target);
    const made = await stat(temporary);
    if (replaced && replaced.isDirectory() === made.isDirectory())
      await takeAttributes(byName(temporary), replaced);
    const there = await stat(target).catch(() => undefined);
    await (there?.isDirectory() ? moveAfter : moveOver)(temporary, target);
    return result;
  } catch (cause) {
    if (cause instanceof KeptElsewhere) throw cause;
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(path, cause);
  }
};
