import { type FileHandle, open, stat } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { readError, readFailure } from "./read-failure.js";

/** A regular file that is open for reading. */
export interface OpenFile {
  readonly path: string;
  readonly size: number;
  /** Reads exactly `length` bytes from `position`. @throws QpruneError if the file ends before. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>;
}

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
 * Opens a file, calls `use` with it, and closes it.
 * @throws QpruneError with the reason if it is not a regular file or the system refuses to read it.
 */
export const withOpenFile = async <T>(
  path: string,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> => {
  let handle: FileHandle | undefined;
  try {
    // Opening a named pipe would block until something writes to it.
    if (!(await stat(path)).isFile()) throw readFailure(path, "it is not a file");
    handle = await open(path, "r");
    return await use(openFileOf(path, handle, (await handle.stat()).size));
  } catch (cause) {
    if (cause instanceof QpruneError || !(cause instanceof Error)) throw cause;
    throw await readError(path, cause);
  } finally {
    await handle?.close();
  }
};
