import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Sensitivity, sensitivitySchema } from "../../report/sensitivity/sensitivity.js";
import { readJsonFile } from "../nets/read-json-file.js";

/**
 * Reads a file that `qprune sensitivity` wrote.
 * @throws QpruneError (usage) if it cannot be read or is something else.
 */
export const readSensitivity = async (path: string): Promise<Sensitivity> => {
  const parsed = sensitivitySchema.safeParse(await readJsonFile(path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw usageError(
    `${option("sensitivity")} ${path} contains no sensitivities${where === "" ? "" : `: ${where}: ${issue?.message}`}.`,
    "Give a file that `qprune sensitivity FILE --save NAME.json` wrote.",
  );
};
