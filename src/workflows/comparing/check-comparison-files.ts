import { dirname } from "node:path";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { checkFolder, checkPlainFile } from "../outputs/check-output-place.js";

/** Also of the name that an earlier file is kept under. */
const checkPlace = async (path: string, what: string): Promise<void> => {
  await checkFolder(dirname(path), what);
  for (const taken of [path, `${path}.previous`]) await checkPlainFile(taken, what);
};

/**
 * Checks where the page goes, before anything is computed.
 * @throws QpruneError (usage) where it cannot be written or its name does not end in .html.
 */
export const checkPageFile = async (path: string): Promise<void> => {
  if (!/\.html?$/.test(path)) {
    throw usageError(
      `${option("html")} ${path}: the name must end in .html.`,
      `Give the name of a page: ${option("html")} comparison.html`,
    );
  }
  await checkPlace(path, option("html"));
};

/**
 * The same of the file of numbers.
 * @throws QpruneError (usage) where it cannot be written or its name does not end in .json.
 */
export const checkJsonFile = async (path: string): Promise<void> => {
  if (!path.endsWith(".json")) {
    throw usageError(
      `${option("save")} ${path}: the name must end in .json.`,
      `The nets stay as they are; the numbers are what is saved: ${option("save")} comparison.json`,
    );
  }
  await checkPlace(path, option("save"));
};
