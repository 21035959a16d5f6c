import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { replacedAttributes, takeAttributes } from "./file-attributes.js";
import { linkTarget } from "./link-target.js";
import { KeptElsewhere, moveOver, temporaryPath } from "./move-over.js";

const FREE_SPACE = "Free some space, or write to another disk.";
const OTHER_FOLDER = "Choose a folder that you can write to.";

/** Why a write failed and what to do about it, by the system's error code. */
const FAILURES: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ["the disk is full", FREE_SPACE],
  EDQUOT: ["the disk quota is used up", FREE_SPACE],
  EACCES: ["permission was denied", OTHER_FOLDER],
  EPERM: ["permission was denied", OTHER_FOLDER],
  EFBIG: ["it exceeds the largest file size of this disk or user", "Write to another disk."],
  EROFS: ["the file system is read-only", OTHER_FOLDER],
  ENOENT: ["its folder does not exist", "Create the folder first, or check the spelling."],
  // Creating a folder reports this if a file has its name.
  EEXIST: ["a part of its path is a file, not a folder", "Check the path."],
  ENOTDIR: ["a part of its path is a file, not a folder", "Check the path."],
  EISDIR: ["a folder of that name exists", "Choose another file name."],
  ENAMETOOLONG: ["its name is too long", "Choose a shorter file name."],
};

/** Turns a failed system call on `path` into a QpruneError; other errors are returned unchanged. */
export const writeFailure = (path: string, cause: unknown): unknown => {
  if (!(cause instanceof Error) || !("code" in cause) || !("syscall" in cause)) return cause;
  const [reason, hint] = FAILURES[String(cause.code)] ?? [cause.message, OTHER_FOLDER];
  return new QpruneError(`Cannot write ${path}: ${reason}.`, { hint, cause });
};

/** The file that `path` refers to: links are followed; anything but a regular file is refused. */
const resolveTarget = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) {
    const what = found.isDirectory() ? "a folder" : "something that is not a regular file";
    throw new QpruneError(`Cannot write ${path}: ${what} of that name exists.`, {
      hint: "Choose another file name.",
    });
  }
  return linkTarget(path);
};

/** Errors of file systems that cannot flush a file, mostly because they have no disk. */
const CANNOT_SYNC: readonly unknown[] = ["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"];

const syncFile = async (handle: FileHandle): Promise<void> => {
  await handle.sync().catch((error: NodeJS.ErrnoException) => {
    if (!CANNOT_SYNC.includes(error.code)) throw error;
  });
};

const syncFolder = async (folder: string): Promise<void> => {
  // Some file systems cannot sync a folder; the file's content is already safe.
  const handle: FileHandle | undefined = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

/** Writes and flushes the new file under its temporary name. */
const writeTemporary = async (
  temporary: string,
  target: string,
  chunks: Iterable<Uint8Array>,
): Promise<void> => {
  const handle = await open(temporary, "wx");
  try {
    const replaced = await replacedAttributes(target);
    // Before any content is written, so that a private file is never readable by others (CWE-378).
    if (replaced?.isFile()) await takeAttributes(handle, replaced);
    for (const chunk of chunks) await handle.writeFile(chunk);
    await syncFile(handle);
  } finally {
    await handle.close();
  }
};

/**
 * Writes consecutive chunks as the file `path` atomically: into a temporary file in the same folder, which is flushed
 * to the disk and renamed last, with the permissions and owner of the file that it replaces. Links are followed.
 * On failure, an existing file stays unchanged and the temporary one is removed.
 * @throws QpruneError with the reason if the system refuses.
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

/** Writes a text file in UTF-8, as {@link writeFileAtomically} does. */
export const writeTextAtomically = (path: string, text: string): Promise<void> =>
  writeFileAtomically(path, [new TextEncoder().encode(text)]);
