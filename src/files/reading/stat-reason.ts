import { readlink } from "node:fs/promises";
import { type FilePath, shownPath, textOfPath } from "../file-path.js";
import { readReason } from "./read-failure.js";

/** Node.js replaces bytes that are not UTF-8 in command-line arguments with this. */
const REPLACEMENT = "\ufffd";

const missingReason = async (path: FilePath): Promise<string> => {
  const target = await readlink(path, "buffer").catch(() => undefined);
  if (target) return `it is a link to ${shownPath(target)}, which does not exist`;
  return textOfPath(path).includes(REPLACEMENT)
    ? "its name is not UTF-8, and Node.js supports only UTF-8 names: rename it"
    : "there is no such file";
};

/** Why the system could not stat a file or folder, as the end of a sentence. `cause` is the error of stat. */
export const statReason = async (path: FilePath, cause: Error): Promise<string> =>
  "code" in cause && cause.code === "ENOENT" ? missingReason(path) : readReason(cause);
