import { randomBytes } from "node:crypto";
import { copyFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QpruneError } from "../../base/errors.js";

/**
 * Errors of renaming that copying avoids: the target is a mount point (such as a file mounted into a container), on
 * another disk, or on a file system without renaming (such as some cloud storage).
 */
const NEEDS_COPY: readonly unknown[] = ["EBUSY", "EXDEV", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"];
/** Errors of file systems that do not rename over an existing file; they have other causes too. */
const MAY_NOT_REPLACE: readonly unknown[] = ["EEXIST", "EPERM", "EACCES", "EINVAL"];

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

/** An unused name in `folder` for a temporary file, which may be deleted if it is left over. */
export const temporaryPath = (folder: string): string =>
  join(folder, `.qprune-${process.pid}-${randomBytes(6).toString("hex")}.tmp`);

/** The new content is complete, but remains under its temporary name. */
export class KeptElsewhere extends QpruneError {}

const copyOver = async (from: string, to: string): Promise<void> => {
  try {
    await copyFile(from, to);
  } catch (cause) {
    throw new KeptElsewhere(`Cannot write ${to}: ${(cause as Error).message}.`, {
      hint: `The file cannot be replaced, only overwritten. The new content is kept as ${from}.`,
      cause,
    });
  }
  // A mount point cannot be removed.
  await rm(from, { force: true }).catch(() => undefined);
};

/** Moves the existing `to` aside, renames `from` to `to`, then deletes the old one, including a folder's content. */
export const moveAfter = async (from: string, to: string): Promise<void> => {
  const old = temporaryPath(dirname(to));
  await rename(to, old);
  try {
    await rename(from, to);
  } catch (error) {
    await rename(old, to);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
};

/**
 * Renames a file or folder to `to`, replacing an existing file, but never a folder that is not empty. A file that
 * cannot be renamed is copied, and `from` is removed if possible.
 * @throws KeptElsewhere if copying failed; `from` still exists.
 */
export const moveOver = async (from: string, to: string): Promise<void> => {
  const existing = await stat(to).catch(() => undefined);
  try {
    await rename(from, to);
  } catch (error) {
    const isFile = await stat(from).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile && NEEDS_COPY.includes(codeOf(error))) return copyOver(from, to);
    if (!existing?.isFile() || !MAY_NOT_REPLACE.includes(codeOf(error))) throw error;
    // If a permission is missing, this fails too, and the first error is more specific.
    await moveAfter(from, to).catch(() => {
      throw error;
    });
  }
};
