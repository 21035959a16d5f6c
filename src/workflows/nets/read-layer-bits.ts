import { usageError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { type LayerBitsRule, layerBitsFile } from "../../options/values/layer-bits.js";
import { readJsonFile } from "./read-json-file.js";

/**
 * The rules of an option that takes them, or the path of a file with them; none if it is not given.
 * @throws QpruneError (usage) if the file is missing or has other content.
 */
export const readLayerBits = async (
  given: readonly LayerBitsRule[] | string | undefined,
): Promise<readonly LayerBitsRule[]> => {
  if (typeof given !== "string") return given ?? [];
  const parsed = layerBitsFile.safeParse(await readJsonFile(given));
  if (parsed.success) return parsed.data;
  throw usageError(
    `${given}: ${firstProblem(parsed.error, "the rules")}.`,
    'Write an object of names and bits, as in { "features.1.*": "8/8" }.',
  );
};
