import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { QpruneError, usageError } from "../../base/errors.js";
import { formatOfName, STATE_FILE_SUFFIXES } from "../../checkpoint/state-file.js";
import { quoted } from "../../options/shell-command.js";

// `what` names the option or argument that a path came from (see option-reference.ts).

/** @throws QpruneError (usage) for a name whose ending no format of nets has. */
export const checkSuffix = (path: string, what: string): void => {
  if (formatOfName(path) !== undefined) return;
  const suffixes = Object.values(STATE_FILE_SUFFIXES).flat().join(", ");
  throw usageError(
    `${what} ${path}: the name must end in one of ${suffixes}.`,
    "The ending chooses the format: safetensors, or what PyTorch's torch.load reads.",
  );
};

/** @throws QpruneError (usage) where there is no folder that can be written. */
export const checkFolder = async (folder: string, what: string): Promise<void> => {
  const found = await stat(folder).catch(() => undefined);
  if (!found) {
    throw usageError(
      `The folder of ${what} does not exist: ${folder}`,
      `Make it first: mkdir -p ${quoted(folder)}`,
    );
  }
  if (!found.isDirectory())
    throw usageError(`Not a folder: ${folder}`, `Give ${what} a file in a folder.`);
  await access(folder, constants.W_OK).catch((cause) => {
    throw new QpruneError(`The folder of ${what} cannot be written: ${folder}`, {
      kind: "usage",
      hint: "Choose another folder or change its permissions.",
      cause,
    });
  });
};

/**
 * Tells whether there is a plain file of that name.
 * @throws QpruneError (usage) where anything else is there, or the name is too long.
 */
export const checkPlainFile = async (path: string, what: string): Promise<boolean> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENAMETOOLONG")
      throw usageError(`${what} ${path}: the name is too long.`, "Give a shorter one.");
    return undefined;
  });
  if (found?.isDirectory())
    throw usageError(`${path} is a folder.`, `Give ${what} the name of a file.`);
  if (found && !found.isFile())
    throw usageError(`${path} is no plain file.`, `Choose another ${what}.`);
  return found !== undefined;
};
