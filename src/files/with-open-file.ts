import { type FileHandle, open, stat } from "node:fs/promises";
import { QpruneError } from "../base/errors.js";
import { readFailure, readReason } from "./read-failure.js";

/** A plain file that is open for reading. */
export interface OpenFile {
  readonly path: string;
  readonly size: number;
  /** Reads exactly `length` bytes from `position` on. @throws QpruneError where the file ends before. */
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
    throw readFailure(path, readReason(cause), cause);
  } finally {
    await handle?.close();
  }
};
