import { readFile, stat } from "node:fs/promises";
import { usageError } from "../core/errors.js";
import { readReason } from "../files/read-failure.js";
import { MAX_RECIPE_BYTES } from "./limits.js";

/**
 * The text of a recipe's file.
 * @throws QpruneError (usage) where it is no plain file, is too large, or cannot be read.
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
  return readFile(path, "utf8").catch((error: Error) => {
    const reason = readReason(error);
    throw usageError(`Cannot read the recipe ${path}: ${reason}.`, "Check its permissions.");
  });
};
