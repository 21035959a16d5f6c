import { randomBytes } from "node:crypto";
import { copyFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QpruneError } from "../base/errors.js";

/**
 * The name is a mount point, as of a file that is handed into a container; or it is on another disk; or on one that
 * renames nothing, as some made of cloud storage.
 */
const NEEDS_COPY: readonly unknown[] = ["EBUSY", "EXDEV", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"];
/** What file systems answer that do not rename over a file; it has other causes too. */
const MAY_NOT_REPLACE: readonly unknown[] = ["EEXIST", "EPERM", "EACCES", "EINVAL"];

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

/** A name in `folder` that nothing else has; what is left under it belongs to nobody. */
export const temporaryPath = (folder: string): string =>
  join(folder, `.qprune-${process.pid}-${randomBytes(6).toString("hex")}.tmp`);

/** What was to be written is whole, but under a name that it should not have kept. */
export class KeptElsewhere extends QpruneError {}

const copyOver = async (from: string, to: string): Promise<void> => {
  try {
    await copyFile(from, to);
  } catch (cause) {
    throw new KeptElsewhere(`Cannot write ${to}: ${(cause as Error).message}.`, {
      hint: `It could only be written over, not replaced. What was to be written is kept as ${from}.`,
      cause,
    });
  }
  // A mount point stays.
  await rm(from, { force: true }).catch(() => undefined);
};

/** Gives `from` the name `to` after what has it is moved away; that is deleted in the end, a folder with all in it. */
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
 * Gives a file the name `to`, in place of a file that has it; a folder that is not empty is never replaced. Where it
 * cannot be renamed, it is copied, and `from` is removed where it can be.
 * @throws KeptElsewhere where a copy failed; `from` is still there.
 */
export const moveOver = async (from: string, to: string): Promise<void> => {
  const there = await stat(to).catch(() => undefined);
  try {
    await rename(from, to);
  } catch (error) {
    const isFile = await stat(from).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile && NEEDS_COPY.includes(codeOf(error))) return copyOver(from, to);
    if (!there?.isFile() || !MAY_NOT_REPLACE.includes(codeOf(error))) throw error;
    // Where a permission is missing, this fails too, and the first error says more.
    await moveAfter(from, to).catch(() => {
      throw error;
    });
  }
};
