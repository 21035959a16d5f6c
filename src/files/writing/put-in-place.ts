import { chmod, chown, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { replacedAttributes, takeAttributes } from "./file-attributes.js";
import { linkTarget } from "./link-target.js";
import { KeptElsewhere, moveAfter, moveOver, temporaryPath } from "./move-over.js";
import { writeFailure } from "./write-file-atomically.js";

/** A file or folder by its path, for {@link takeAttributes}. */
const byPath = (path: string) => ({
  stat: () => stat(path),
  chown: (uid: number, gid: number) => chown(path, uid, gid),
  chmod: (mode: number) => chmod(path, mode),
});

/**
 * Creates a file or folder at `path` atomically: `make` creates it under a temporary name in the same folder, and it
 * is renamed last, replacing what exists and keeping its permissions and owner. If `make` throws, the existing one
 * stays and the temporary one is removed.
 * @throws what `make` throws, and QpruneError with the reason if the system refuses.
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
    const created = await stat(temporary);
    if (replaced && replaced.isDirectory() === created.isDirectory())
      await takeAttributes(byPath(temporary), replaced);
    const existing = await stat(target).catch(() => undefined);
    await (existing?.isDirectory() ? moveAfter : moveOver)(temporary, target);
    return result;
  } catch (cause) {
    if (cause instanceof KeptElsewhere) throw cause;
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(path, cause);
  }
};
