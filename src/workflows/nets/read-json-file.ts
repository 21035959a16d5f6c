import { readFile, stat } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import { decodeText } from "../../formats/text/decode-text.js";
import { jsonProblem } from "./json-problem.js";

/** A thousand convolutions, each with every field, take a third of it. */
const MAX_JSON_BYTES = 2 ** 20;

/** Windows editors put it in front of a text. */
const BYTE_ORDER_MARK = /^\uFEFF/;

const refuse = (message: string, hint: string, cause?: unknown): QpruneError =>
  new QpruneError(message, { kind: "usage", hint, cause });

const sizeOf = async (path: string): Promise<number> => {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") {
      throw refuse(`${path}: there is no such file.`, "Check the path.", cause);
    }
    throw refuse(`${path} cannot be read: ${cause.message}`, "Check path and permissions.", cause);
  });
  if (found.isDirectory()) throw refuse(`${path} is a folder.`, "Give a file in it.");
  if (!found.isFile()) throw refuse(`${path} is no plain file.`, "Give a plain file.");
  return found.size;
};

const readText = async (path: string): Promise<string> => {
  const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(`${path} cannot be read: ${cause.message}`, "Check its permissions.", cause);
  });
  const kind = describeFileKind(content.subarray(0, KIND_BYTES));
  if (kind && !kind.isWritten && content.length > 0) {
    throw refuse(`${path} is not JSON: it is ${kind.what}.`, kind.hint ?? "Give a file in JSON.");
  }
  const decoded = decodeText(content);
  if (decoded.kind === "text") return decoded.text;
  const line = decoded.before.split("\n").length;
  throw refuse(`${path}, line ${line}: ${decoded.reason}`, "Save the file as UTF-8.");
};

/**
 * Reads a small JSON file that the user named.
 * @throws QpruneError (usage) where it cannot be read, is too large, is in neither UTF-8 nor UTF-16, or is not JSON, with line and column.
 */
export const readJsonFile = async (path: string): Promise<unknown> => {
  const bytes = await sizeOf(path);
  if (bytes > MAX_JSON_BYTES) {
    throw refuse(
      `${path} has ${bytes} bytes (at most ${MAX_JSON_BYTES} are read).`,
      "Give the description of a net, which is short.",
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
