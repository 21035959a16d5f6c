import { readFile, stat } from "node:fs/promises";
import { usageError } from "../../base/errors.js";
import { readReason } from "../../files/reading/read-failure.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import { decodeText } from "../../formats/text/decode-text.js";
import { recipeError } from "../recipe-problem.js";
import { MAX_RECIPE_BYTES } from "./limits.js";

/**
 * Reads the text of a recipe.
 * @throws QpruneError (usage) if it is not a regular file, is too large, cannot be read, or is neither UTF-8 nor UTF-16.
 */
export const readRecipeText = async (path: string): Promise<string> => {
  const found = await stat(path).catch((error: Error) => {
    throw usageError(`Cannot read the recipe ${path}: ${readReason(error)}.`, "Check the path.");
  });
  if (!found.isFile()) throw usageError(`${path} is not a file.`, "Name a recipe file.");
  if (found.size > MAX_RECIPE_BYTES) {
    throw usageError(
      `${path} has ${found.size} bytes; a recipe has at most ${MAX_RECIPE_BYTES}.`,
      "Check that the file is a recipe.",
    );
  }
  const bytes = await readFile(path).catch((error: Error) => {
    const reason = readReason(error);
    throw usageError(`Cannot read the recipe ${path}: ${reason}.`, "Check its permissions.");
  });
  const kind = bytes.length === 0 ? undefined : describeFileKind(bytes.subarray(0, KIND_BYTES));
  if (kind && !kind.isWritten) {
    const hint = kind.hint ?? "Recipes are YAML files.";
    throw usageError(`${path} is not a recipe: it is ${kind.what}.`, hint);
  }
  const decoded = decodeText(bytes);
  if (decoded.kind === "text") return decoded.text;
  const lines = decoded.before.split("\n");
  const location = {
    kind: "file",
    line: lines.length,
    column: (lines.at(-1) ?? "").length + 1,
  } as const;
  const hint = "Save the file as UTF-8.";
  throw recipeError(path, [{ location, message: decoded.reason, hint }]);
};
