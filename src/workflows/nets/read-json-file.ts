import { readFile, stat } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { findMissing } from "../../files/reading/similar-files.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import { decodeText } from "../../formats/text/decode-text.js";
import { jsonProblem } from "./json-problem.js";

/** About three times the size of a net with 1,000 convolutions and every field set. */
const MAX_JSON_BYTES = 2 ** 20;

/** Written at the start of a text by some Windows editors. */
const BYTE_ORDER_MARK = /^\uFEFF/;

const refuse = (message: string, hint: string, cause?: unknown): QpruneError =>
  new QpruneError(message, { kind: "usage", hint, cause });

const sizeOf = async (path: string): Promise<number> => {
  const found = await stat(path).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") {
      throw refuse(`${path}: there is no such file.`, (await findMissing(path)).hint, cause);
    }
    throw refuse(`${path} cannot be read: ${cause.message}`, "Check path and permissions.", cause);
  });
  if (found.isDirectory()) throw refuse(`${path} is a folder.`, "Give a file.");
  if (!found.isFile()) throw refuse(`${path} is not a regular file.`, "Give a regular file.");
  return found.size;
};

const readText = async (path: string): Promise<string> => {
  const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(`${path} cannot be read: ${cause.message}`, "Check its permissions.", cause);
  });
  const kind = describeFileKind(content.subarray(0, KIND_BYTES));
  if (kind && !kind.isWritten && content.length > 0) {
    throw refuse(`${path} is not JSON: it is ${kind.what}.`, kind.hint ?? "Give a JSON file.");
  }
  const decoded = decodeText(content);
  if (decoded.kind === "text") return decoded.text;
  const line = decoded.before.split("\n").length;
  throw refuse(`${path}, line ${line}: ${decoded.reason}`, "Save the file as UTF-8.");
};

/**
 * Reads a small JSON file that the user named.
 * @throws QpruneError (usage) if it cannot be read, is too large, is neither UTF-8 nor UTF-16, or is not JSON; syntax
 * errors come with line and column.
 */
export const readJsonFile = async (path: string): Promise<unknown> => {
  const bytes = await sizeOf(path);
  if (bytes > MAX_JSON_BYTES) {
    throw refuse(
      `${path} has ${bytes} bytes, more than the limit of ${MAX_JSON_BYTES}.`,
      "Check that the file is the description of a net.",
    );
  }
  const json = (await readText(path)).replace(BYTE_ORDER_MARK, "");
  try {
    return JSON.parse(json);
  } catch (cause) {
    const problem = jsonProblem(json);
    const reason = problem
      ? `line ${problem.line}, column ${problem.column}: expected ${problem.expected}`
      : (cause as Error).message;
    throw refuse(
      `${path} is not JSON: ${reason}.`,
      "JSON has no comments and no comma before a closing bracket.",
      cause,
    );
  }
};
