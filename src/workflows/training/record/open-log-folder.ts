import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { QpruneError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";

/**
 * Makes the folder of `log_dir`.
 * @throws QpruneError (usage) where it cannot be made or written.
 */
export const openLogFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new QpruneError(
      `${option("log_dir")} ${folder} cannot be used: ${(cause as Error).message}`,
      {
        kind: "usage",
        hint: `Give ${option("log_dir")} a folder that may be written.`,
        cause,
      },
    );
  }
};
