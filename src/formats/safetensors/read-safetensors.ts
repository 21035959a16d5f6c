import { type OpenFile, withOpenFile } from "../../files/reading/with-open-file.js";
import { LENGTH_BYTES, malformed, parseHeader, readHeaderLength } from "./header.js";
import { MAX_FILE_BYTES } from "./limits.js";
import { sliceTensors } from "./parse-safetensors.js";
import type { SafetensorsFile } from "./stored-tensor.js";

/** The checked header of an open file, and where its data start. */
const readHeader = async ({ path, size, read }: OpenFile) => {
  if (size > MAX_FILE_BYTES) {
    throw malformed(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  }
  const start = await read(0, Math.min(size, LENGTH_BYTES));
  const headerLength = readHeaderLength(start, size, path);
  const dataStart = LENGTH_BYTES + headerLength;
  const dataBytes = size - dataStart;
  const header = parseHeader(await read(LENGTH_BYTES, headerLength), dataBytes, path);
  return { header, dataStart, dataBytes };
};

/**
 * Reads an open safetensors file. The header is checked against the file's size before the data are read.
 * @throws QpruneError if the file is not valid.
 */
export const readOpenSafetensors = async (file: OpenFile): Promise<SafetensorsFile> => {
  const { header, dataStart, dataBytes } = await readHeader(file);
  return sliceTensors(header, await file.read(dataStart, dataBytes));
};

/**
 * Reads a safetensors file (see readOpenSafetensors).
 * @throws QpruneError if the file cannot be read or is not valid.
 */
export const readSafetensors = (path: string): Promise<SafetensorsFile> =>
  withOpenFile(path, readOpenSafetensors);

/**
 * Reads the metadata of a safetensors file.
 * @throws QpruneError if the file cannot be read or its header is not valid.
 */
export const readMetadata = (path: string): Promise<SafetensorsFile["metadata"]> =>
  withOpenFile(path, async (file) => (await readHeader(file)).header.metadata);
