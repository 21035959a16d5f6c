import { readFile, stat } from "node:fs/promises";
import { usageError } from "../../base/errors.js";
import { readReason } from "../../files/read-failure.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import { decodeText } from "../../formats/text/decode-text.js";
import { recipeError } from "../recipe-problem.js";
import { MAX_RECIPE_BYTES } from "./limits.js";

/**
 * The text of a recipe's file.
 * @throws QpruneError (usage) where it is no plain file, is too large, cannot be read, or is in neither UTF-8 nor UTF-16.
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
  const decoded = decodeText(bytes);
  if (decoded.kind === "text") return decoded.text;
  const lines = decoded.before.split("\n");
  const where = {
    kind: "file",
    line: lines.length,
    column: (lines.at(-1) ?? "").length + 1,
  } as const;
  const hint = "Save the file as UTF-8.";
  throw recipeError(path, [{ where, message: decoded.reason, hint }]);
};
