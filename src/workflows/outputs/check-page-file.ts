import { dirname } from "node:path";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { checkFolder, checkPlainFile } from "./check-output-path.js";

/** Checks the path of an output, and the name under which an earlier file is kept. */
export const checkKeptPath = async (path: string, what: string): Promise<void> => {
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
      `For example: ${option("html")} page.html`,
    );
  }
  await checkKeptPath(path, option("html"));
};
