import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { checkKeptPath } from "../outputs/check-page-file.js";

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
  await checkKeptPath(path, option("save"));
};
