import { dirname } from "node:path";
import { usageError } from "../../core/errors.js";
import { checkFolder, checkPlainFile } from "../output/check-output-place.js";

/**
 * Checks where the page goes, before anything is computed.
 * @throws QpruneError (usage) where it cannot be written or its name does not end in .html.
 */
export const checkPageFile = async (path: string): Promise<void> => {
  if (!/\.html?$/.test(path)) {
    throw usageError(
      `--html ${path}: the name must end in .html.`,
      "Give the name of a page: --html comparison.html",
    );
  }
  await checkFolder(dirname(path), "--html");
  await checkPlainFile(path, "--html");
};
