import { type OpenFile, withOpenFile } from "../../files/with-open-file.js";
import { MAX_FILE_BYTES } from "../safetensors/limits.js";
import { malformed } from "./malformed.js";
import { parsePth } from "./parse-pth.js";
import type { PthFile } from "./pth-file.js";

/** Reads an open file of torch.save. @throws QpruneError if it is not valid (see parsePth). */
export const readOpenPth = async (
  { path, size, read }: OpenFile,
  key?: string,
): Promise<PthFile> => {
  if (size > MAX_FILE_BYTES) {
    throw malformed(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  }
  return parsePth(await read(0, size), path, key);
};

/**
 * Reads a checkpoint that torch.save wrote (see parsePth).
 * @throws QpruneError if the file cannot be read or is not valid.
 */
export const readPth = (path: string, key?: string): Promise<PthFile> =>
  withOpenFile(path, (file) => readOpenPth(file, key));
