import { type FileHandle, open, stat } from "node:fs/promises";
import { QpruneError } from "../core/errors.js";

/** A plain file that is open for reading. */
export interface OpenFile {
  readonly path: string;
  readonly size: number;
  /** Reads exactly `length` bytes from `position` on. @throws QpruneError where the file ends before. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>;
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is a file, not a folder",
  EACCES: "permission was denied",
};

const readFailure = (path: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`Cannot read ${path}: ${reason}.`, { hint: "Check the path.", cause });

const openFileOf = (path: string, handle: FileHandle, size: number): OpenFile => ({
  path,
  size,
  read: async (position, length) => {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
      if (bytesRead === 0) throw readFailure(path, "it ends early");
      filled += bytesRead;
    }
    return bytes;
  },
});

/**
 * Calls `use` with the file, which is closed afterwards.
 * @throws QpruneError with the reason where it is no plain file or the system refuses to read it.
 */
export const withOpenFile = async <T>(
  path: string,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> => {
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait for its writer.
    if (!(await stat(path)).isFile()) throw readFailure(path, "it is not a file");
    handle = await open(path, "r");
    return await use(openFileOf(path, handle, (await handle.stat()).size));
  } catch (cause) {
    if (cause instanceof QpruneError || !(cause instanceof Error)) throw cause;
    const code = "code" in cause ? String(cause.code) : "";
    throw readFailure(path, READ_FAILURES[code] ?? cause.message, cause);
  } finally {
    await handle?.close();
  }
};
