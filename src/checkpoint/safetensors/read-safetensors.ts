import { type FileHandle, open, stat } from "node:fs/promises";
import { QpruneError } from "../../core/errors.js";
import { LENGTH_BYTES, readHeaderLength } from "./header-length.js";
import { MAX_FILE_BYTES } from "./limits.js";
import { malformed } from "./malformed.js";
import { parseHeader } from "./parse-header.js";
import { sliceTensors } from "./parse-safetensors.js";
import type { SafetensorsFile } from "./stored-tensor.js";

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is a file, not a folder",
  EACCES: "permission was denied",
};

const readFailure = (path: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`Cannot read ${path}: ${reason}.`, { hint: "Check the path.", cause });

/** Reads exactly `length` bytes from `position`; a file cut short meanwhile is an error. */
const readBytes = async (
  handle: FileHandle,
  { position, length, path }: { position: number; length: number; path: string },
): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw malformed(path, "it ends early");
    filled += bytesRead;
  }
  return bytes;
};

const readOpened = async (handle: FileHandle, path: string): Promise<SafetensorsFile> => {
  const { size } = await handle.stat();
  if (size > MAX_FILE_BYTES) {
    throw malformed(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  }
  const start = { position: 0, length: Math.min(size, LENGTH_BYTES), path };
  const headerLength = readHeaderLength(await readBytes(handle, start), size, path);
  const dataStart = LENGTH_BYTES + headerLength;
  const dataBytes = size - dataStart;
  const headerBytes = { position: LENGTH_BYTES, length: headerLength, path };
  const header = parseHeader(await readBytes(handle, headerBytes), dataBytes, path);
  return sliceTensors(
    header,
    await readBytes(handle, { position: dataStart, length: dataBytes, path }),
  );
};

/**
 * Reads a safetensors file; its header is checked against the file's size before the data are read.
 * @throws QpruneError if the file cannot be read or is not valid.
 */
export const readSafetensors = async (path: string): Promise<SafetensorsFile> => {
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait for its writer.
    if (!(await stat(path)).isFile()) throw readFailure(path, "it is not a file");
    handle = await open(path, "r");
    return await readOpened(handle, path);
  } catch (cause) {
    if (cause instanceof QpruneError || !(cause instanceof Error)) throw cause;
    const code = "code" in cause ? String(cause.code) : "";
    throw readFailure(path, READ_FAILURES[code] ?? cause.message, cause);
  } finally {
    await handle?.close();
  }
};
