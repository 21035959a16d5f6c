import { type OpenFile, withOpenFile } from "../../files/reading/with-open-file.js";
import { LENGTH_BYTES, malformed, parseHeader, readHeaderLength } from "./header.js";
import { MAX_FILE_BYTES } from "./limits.js";
import { sliceTensors } from "./parse-safetensors.js";
import type { SafetensorsFile } from "./stored-tensor.js";

/**
 * Reads an open safetensors file. The header is checked against the file's size before the data are read.
 * @throws QpruneError if the file is not valid.
 */
export const readOpenSafetensors = async ({
  path,
  size,
  read,
}: OpenFile): Promise<SafetensorsFile> => {
  if (size > MAX_FILE_BYTES) {
    throw malformed(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  }
  const start = await read(0, Math.min(size, LENGTH_BYTES));
  const headerLength = readHeaderLength(start, size, path);
  const dataStart = LENGTH_BYTES + headerLength;
  const dataBytes = size - dataStart;
  const header = parseHeader(await read(LENGTH_BYTES, headerLength), dataBytes, path);
  return sliceTensors(header, await read(dataStart, dataBytes));
};

/**
 * Reads a safetensors file (see readOpenSafetensors).
 * @throws QpruneError if the file cannot be read or is not valid.
 */
export const readSafetensors = (path: string): Promise<SafetensorsFile> =>
  withOpenFile(path, readOpenSafetensors);
