import { join } from "node:path";
import { QpruneError } from "../core/errors.js";
import { exists } from "../files/exists.js";
import type { Cifar } from "./cifar.js";

/**
 * The error for a folder without the data set: what was looked for and where, and how to get it.
 */
export const noCifarError = async (
  cifar: Cifar,
  directory: string,
  files: readonly string[],
): Promise<QpruneError> => {
  const { title, archive, folder, python } = cifar;
  const packed = join(directory, archive.file);
  const toGetIt = (await exists(packed))
    ? `Unpack ${packed} there first (tar -xzf), or add --download.`
    : `Add --download to fetch it, or unpack ${archive.file} (${archive.url}) there.`;
  const missing = (await exists(directory)) ? "" : " The folder does not exist.";
  return new QpruneError(
    `No ${title} data in ${directory}.${missing} Looked for ${files.join(", ")} there and one folder down (${folder}), and for the Python version (${python.folder}).`,
    {
      hint: `${toGetIt} --dataset digits works at once, without a download.`,
      kind: "usage",
    },
  );
};
