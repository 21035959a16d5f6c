import { randomBytes } from "node:crypto";
import { copyFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QpruneError } from "../core/errors.js";

/** The name is a mount point, as of a file that is handed into a container, or on another disk. */
const NEEDS_COPY: readonly unknown[] = ["EBUSY", "EXDEV"];
/** What file systems answer that do not rename over a file; some of it has other causes too. */
const MAY_NOT_REPLACE: readonly unknown[] = [
  ...["EEXIST", "EPERM", "EACCES", "EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"],
];

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
      hint: `It cannot be replaced, only written over. What was to be written is kept as ${from}.`,
      cause,
    });
  }
  await rm(from, { force: true }).catch(() => undefined);
};

/** Moves what has the name `to` away first: folders, and files of systems that do not rename over one. */
const moveAfter = async (from: string, to: string): Promise<void> => {
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
 * Gives the file or folder `from` the name `to` in the same folder, in place of what has it.
 * @throws KeptElsewhere where a name that can only be written over could not be; then `from` is still there.
 */
export const moveOver = async (from: string, to: string): Promise<void> => {
  const there = await stat(to).catch(() => undefined);
  if (there?.isDirectory()) return moveAfter(from, to);
  try {
    await rename(from, to);
  } catch (error) {
    if (!there) throw error;
    if (NEEDS_COPY.includes(codeOf(error))) return copyOver(from, to);
    if (!MAY_NOT_REPLACE.includes(codeOf(error))) throw error;
    // Where a permission is missing, this fails too, and the first error says more.
    await moveAfter(from, to).catch(() => {
      throw error;
    });
  }
};

/** Moves a file to another name, also on another disk. One that is a mount point stays, and a copy is made. */
export const moveFile = async (from: string, to: string): Promise<void> => {
  try {
    await moveOver(from, to);
  } catch (error) {
    if (!NEEDS_COPY.includes(codeOf(error))) throw error;
    await copyFile(from, to);
    await rm(from).catch(() => undefined);
  }
};
