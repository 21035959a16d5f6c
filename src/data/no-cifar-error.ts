import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { QpruneError } from "../core/errors.js";
import type { Cifar } from "./cifar.js";

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The Python version's folder, if `directory` is it or holds it. */
const pythonFolder = async (cifar: Cifar, directory: string): Promise<string | undefined> => {
  if (basename(resolve(directory)) === cifar.pythonFolder) return directory;
  const below = join(directory, cifar.pythonFolder);
  return (await exists(below)) ? below : undefined;
};

/**
 * The error for a folder without the data set: what was looked for and where, and how to get it.
 */
export const noCifarError = async (
  cifar: Cifar,
  directory: string,
  files: readonly string[],
): Promise<QpruneError> => {
  const { title, archive, folder } = cifar;
  const python = await pythonFolder(cifar, directory);
  if (python !== undefined) {
    return new QpruneError(
      `${python} is the Python version of ${title}, which qprune does not read; it needs the "${title} binary version (suitable for C programs)", ${archive.file}.`,
      { hint: `Add --download to fetch it, or unpack ${archive.file} in ${directory}.` },
    );
  }
  const packed = join(directory, archive.file);
  const toGetIt = (await exists(packed))
    ? `Unpack ${packed} there first (tar -xzf), or add --download.`
    : `Add --download to fetch it, or unpack ${archive.file} (${archive.url}) there.`;
  const missing = (await exists(directory)) ? "" : " The folder does not exist.";
  return new QpruneError(
    `No ${title} data in ${directory}.${missing} Looked for ${files.join(", ")} there and one folder down (${folder}).`,
    {
      hint: `${toGetIt} --dataset digits works at once, without a download.`,
      kind: "usage",
    },
  );
};
