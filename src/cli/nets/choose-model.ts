import { access } from "node:fs/promises";
import { type QpruneError, usageError } from "../../core/errors.js";
import type { NetSpec } from "../../models/spec.js";
import { quoted } from "../shell-command.js";
import { savedModels } from "./saved-models.js";

/** Which file a command takes. */
export interface ModelChoice {
  /** The user's --model. */
  readonly model: string | undefined;
  /** The file that an earlier command of the chain leaves. */
  readonly usual: string;
  /** Whether the command can do something with such a net. */
  readonly isFit: (spec: NetSpec) => boolean;
  /** The call that makes such a net. */
  readonly train: string;
}

const noModel = async ({ usual, isFit, train }: ModelChoice): Promise<QpruneError> => {
  const message = `No --model is given, and ${usual} does not exist.`;
  const models = await savedModels(isFit);
  if (models.length === 0) {
    return usageError(message, `Give a file with --model FILE, or train one: ${train}`);
  }
  const flags = models.map((path) => `\n    --model ${quoted(path)}`).join("");
  return usageError(
    message,
    `Add one of these (the newest first), or train one by ${train}:${flags}`,
  );
};

/**
 * The file of --model, or the one that an earlier command of the chain leaves.
 * @throws QpruneError (usage) where neither is there, naming the files that are.
 */
export const chooseModel = async (choice: ModelChoice): Promise<string> => {
  const { model, usual } = choice;
  if (model !== undefined) return model;
  return access(usual).then(
    () => usual,
    async () => {
      throw await noModel(choice);
    },
  );
};
