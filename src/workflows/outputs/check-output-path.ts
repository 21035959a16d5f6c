import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { QpruneError, usageError } from "../../base/errors.js";
import { formatOfName, NET_FILE_SUFFIXES } from "../../checkpoint/net-files/net-file.js";
import { quoted } from "../../options/names/shell-command.js";

// In this file, `what` is the option or argument that a path came from (see option-reference.ts).

/** @throws QpruneError (usage) if the name does not end like a model file. */
export const checkSuffix = (path: string, what: string): void => {
  if (formatOfName(path) !== undefined) return;
  const suffixes = Object.values(NET_FILE_SUFFIXES).flat().join(", ");
  throw usageError(
    `${what} ${path}: the name must end in one of ${suffixes}.`,
    "The ending chooses the format: safetensors, or what PyTorch's torch.load reads.",
  );
};

/** @throws QpruneError (usage) if the folder does not exist or cannot be written. */
export const checkFolder = async (folder: string, what: string): Promise<void> => {
  const found = await stat(folder).catch(() => undefined);
  if (!found) {
    throw usageError(
      `The folder of ${what} does not exist: ${folder}`,
      `Create it first: mkdir -p ${quoted(folder)}`,
    );
  }
  if (!found.isDirectory())
    throw usageError(`${folder} is not a folder.`, `Choose another path for ${what}.`);
  await access(folder, constants.W_OK).catch((cause) => {
    throw new QpruneError(`The folder of ${what} cannot be written: ${folder}`, {
      kind: "usage",
      hint: "Choose another folder or change its permissions.",
      cause,
    });
  });
};

/**
 * Whether a regular file exists at a path.
 * @throws QpruneError (usage) if something else exists there, or the name is too long.
 */
export const checkPlainFile = async (path: string, what: string): Promise<boolean> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENAMETOOLONG")
      throw usageError(`${what} ${path}: the name is too long.`, "Choose a shorter one.");
    return undefined;
  });
  if (found?.isDirectory())
    throw usageError(`${path} is a folder.`, `Give ${what} the name of a file.`);
  if (found && !found.isFile())
    throw usageError(`${path} is not a regular file.`, `Choose another ${what}.`);
  return found !== undefined;
};
