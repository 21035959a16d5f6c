import { access } from "node:fs/promises";
import { usageError } from "../../core/errors.js";

/**
 * The file of --model, or the one that an earlier command of the chain leaves.
 * @throws QpruneError (usage) where neither is there; `hint` says how to come by one.
 */
export const chooseModel = async (
  model: string | undefined,
  usual: string,
  hint: string,
): Promise<string> => {
  if (model !== undefined) return model;
  return access(usual).then(
    () => usual,
    () => {
      throw usageError(`No --model is given, and ${usual} does not exist.`, hint);
    },
  );
};
