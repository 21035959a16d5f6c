import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { QpruneError } from "../base/errors.js";
import { replacedAttributes, takeAttributes } from "./file-attributes.js";
import { linkTarget } from "./link-target.js";
import { KeptElsewhere, moveOver, temporaryPath } from "./move-over.js";

const FREE_SPACE = "Free some space, or write to another disk.";
const OTHER_FOLDER = "Choose a folder that you may write to.";

/** What stopped a write and what to do about it, by the system's error code. */
const FAILURES: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ["the disk is full", FREE_SPACE],
  EDQUOT: ["the disk quota is used up", FREE_SPACE],
  EACCES: ["permission was denied", OTHER_FOLDER],
  EPERM: ["permission was denied", OTHER_FOLDER],
  EFBIG: ["it is larger than this disk or user may have", "Write to another disk."],
  EROFS: ["the file system is read-only", OTHER_FOLDER],
  ENOENT: ["its folder does not exist", "Create the folder first, or check the spelling."],
  // What making a folder says where a file has its name.
  EEXIST: ["a part of its path is a file, not a folder", "Check the path."],
  ENOTDIR: ["a part of its path is a file, not a folder", "Check the path."],
  EISDIR: ["a folder of that name is there", "Choose another file name."],
  ENAMETOOLONG: ["its name is too long", "Choose a shorter file name."],
};

/** Turns a failed system call on `path` into an error that is meant to be read; others pass unchanged. */
export const writeFailure = (path: string, cause: unknown): unknown => {
  if (!(cause instanceof Error) || !("code" in cause) || !("syscall" in cause)) return cause;
  const [reason, hint] = FAILURES[String(cause.code)] ?? [cause.message, OTHER_FOLDER];
  return new QpruneError(`Cannot write ${path}: ${reason}.`, { hint, cause });
};

/** The file that `path` stands for: links are followed; anything but a file there is refused. */
const resolveTarget = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) {
    const what = found.isDirectory() ? "a folder" : "something that is not a plain file";
    throw new QpruneError(`Cannot write ${path}: ${what} of that name is there.`, {
      hint: "Choose another file name.",
    });
  }
  return linkTarget(path);
};

/** What file systems answer that cannot flush a file to a disk; most of them have none. */
const CANNOT_SYNC: readonly unknown[] = ["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"];

const syncFile = async (handle: FileHandle): Promise<void> => {
  await handle.sync().catch((error: NodeJS.ErrnoException) => {
    if (!CANNOT_SYNC.includes(error.code)) throw error;
  });
};

const syncFolder = async (folder: string): Promise<void> => {
  // Some file systems cannot sync a folder; the file's own bytes are safe by then.
  const handle: FileHandle | undefined = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

/** The new file, whole and flushed, under its temporary name. */
const writeTemporary = async (
  temporary: string,
  target: string,
  chunks: Iterable<Uint8Array>,
): Promise<void> => {
  const handle = await open(temporary, "wx");
  try {
    const replaced = await replacedAttributes(target);
    // Before anything is in it, so that what only its owner may read is never open to others.
    if (replaced?.isFile()) await takeAttributes(handle, replaced);
    for (const chunk of chunks) await handle.writeFile(chunk);
    await syncFile(handle);
  } finally {
    await handle.close();
  }
};

/**
 * Writes the chunks, one after the other, as the file `path`, which appears whole or not at all: they
 * go to a temporary file in the same folder, are flushed to the disk, and take the name last, with the permissions
 * and the owner of the file that had it. Links are followed.
 * On failure a file that was there stays as it was and the temporary one is removed.
 * @throws QpruneError with the reason when the system refuses.
 */
export const writeFileAtomically = async (
  path: string,
  chunks: Iterable<Uint8Array>,
): Promise<void> => {
  const target = await resolveTarget(path);
  const folder = dirname(target);
  const temporary = temporaryPath(folder);
  try {
    await writeTemporary(temporary, target, chunks);
    await moveOver(temporary, target);
  } catch (cause) {
    if (cause instanceof KeptElsewhere) throw cause;
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeFailure(path, cause);
  }
  await syncFolder(folder);
};
