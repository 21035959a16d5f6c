import { dirname } from "node:path";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { checkFolder, checkPlainFile } from "../outputs/check-output-path.js";

/** Also checks the name under which an earlier file is kept. */
const checkOutputPath = async (path: string, what: string): Promise<void> => {
  await checkFolder(dirname(path), what);
  for (const each of [path, `${path}.previous`]) await checkPlainFile(each, what);
};

/**
 * Checks the path of the page before anything is computed.
 * @throws QpruneError (usage) if it cannot be written or its name does not end in .html.
 */
export const checkPageFile = async (path: string): Promise<void> => {
  if (!/\.html?$/.test(path)) {
    throw usageError(
      `${option("html")} ${path}: the name must end in .html.`,
      `For example: ${option("html")} comparison.html`,
    );
  }
  await checkOutputPath(path, option("html"));
};

/**
 * Checks the path of the JSON file before anything is computed.
 * @throws QpruneError (usage) if it cannot be written or its name does not end in .json.
 */
export const checkJsonFile = async (path: string): Promise<void> => {
  if (!path.endsWith(".json")) {
    throw usageError(
      `${option("save")} ${path}: the name must end in .json.`,
      `The numbers are saved, not the nets. For example: ${option("save")} comparison.json`,
    );
  }
  await checkOutputPath(path, option("save"));
};
