import { readFile, stat } from "node:fs/promises";
import { usageError } from "../../core/errors.js";
import { readReason } from "../../files/read-failure.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import { recipeError } from "../recipe-problem.js";
import { MAX_RECIPE_BYTES } from "./limits.js";

const isUtf8 = (bytes: Buffer): boolean => bytes.equals(Buffer.from(bytes.toString("utf8")));

/** Where the first letter stands that is none in UTF-8, in bytes; undefined where all are. */
const firstWrong = (bytes: Buffer): number | undefined => {
  if (isUtf8(bytes)) return undefined;
  const read = Buffer.from(bytes.toString("utf8"));
  let at = bytes.findIndex((byte, index) => byte !== read[index]);
  if (at < 0) at = bytes.length;
  // What stands for a wrong letter may begin as that does.
  while (!isUtf8(bytes.subarray(0, at))) at--;
  return at;
};

/**
 * The text of a recipe's file.
 * @throws QpruneError (usage) where it is no plain file, is too large, cannot be read, or is no UTF-8.
 */
export const readRecipeText = async (path: string): Promise<string> => {
  const found = await stat(path).catch((error: Error) => {
    throw usageError(`Cannot read the recipe ${path}: ${readReason(error)}.`, "Check the path.");
  });
  if (!found.isFile()) throw usageError(`${path} is no file.`, "Give the file of a recipe.");
  if (found.size > MAX_RECIPE_BYTES) {
    throw usageError(
      `${path} has ${found.size} bytes (a recipe has at most ${MAX_RECIPE_BYTES}).`,
      "Give the file of a recipe, which is short.",
    );
  }
  const bytes = await readFile(path).catch((error: Error) => {
    const reason = readReason(error);
    throw usageError(`Cannot read the recipe ${path}: ${reason}.`, "Check its permissions.");
  });
  const kind = bytes.length === 0 ? undefined : describeFileKind(bytes.subarray(0, KIND_BYTES));
  if (kind && !kind.isWritten) {
    const hint = kind.hint ?? "Give the file of a recipe, which is a text in YAML.";
    throw usageError(`${path} is no recipe: it is ${kind.what}.`, hint);
  }
  const wrong = firstWrong(bytes);
  if (wrong === undefined) return bytes.toString("utf8");
  const lines = bytes.subarray(0, wrong).toString("utf8").split("\n");
  const where = {
    kind: "file",
    line: lines.length,
    column: (lines.at(-1) ?? "").length + 1,
  } as const;
  const hint = "Save the file as UTF-8.";
  throw recipeError(path, [{ where, message: "this is no text in UTF-8.", hint }]);
};
