import { join } from "node:path";
import { QpruneError, usageError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";
import { exists } from "../../files/reading/exists.js";
import { looksLikeImages } from "../image-folders/listing/looks-like-images.js";
import type { Cifar } from "./cifar.js";

/** The error for a folder that lacks the data set: what was looked for, where, and how to get it. */
export const noCifarError = async (
  cifar: Cifar,
  directory: string,
  files: readonly string[],
): Promise<QpruneError> => {
  const { title, archive, folder, python } = cifar;
  const packed = join(directory, archive.file);
  const isPacked = await exists(packed);
  const isThere = await exists(directory);
  if (isThere && (await looksLikeImages(directory))) {
    return usageError(
      `${visibleText(directory)} contains image files, not ${title}.`,
      'Read them as the data set "images" (docs/own-images.md), or give the folder of the data set.',
      { code: "cifar-folder-has-images" },
    );
  }
  const missing = isThere ? "" : " The folder does not exist.";
  return usageError(
    `No ${title} data in ${directory}.${missing} Looked for ${files.join(", ")} there and one folder down (${folder}), and for the Python version (${python.folder}).`,
    isPacked
      ? `Unpack ${packed} there first (tar -xzf).`
      : `Unpack ${archive.file} (${archive.url}) there.`,
    isPacked
      ? { code: "cifar-still-packed", details: { archive: packed } }
      : { code: "cifar-missing", details: { file: archive.file, url: archive.url } },
  );
};

const archiveOf = ({ archive }: Cifar) => ({ archive: archive.file });

/** The error for a folder in which some of the needed files are missing. */
export const incompleteCifar = (
  cifar: Cifar,
  folder: string,
  missing: readonly string[],
  files: readonly string[],
): QpruneError =>
  new QpruneError(
    `${cifar.title} is incomplete: ${folder} lacks ${missing.join(", ")} of ${files.join(", ")}.`,
    {
      hint: `Unpack ${cifar.archive.file} again.`,
      code: "cifar-incomplete",
      details: archiveOf(cifar),
    },
  );

/** The error for a binary file that is damaged or something else; a `hint` of its own replaces the advice. */
export const damagedCifar = (cifar: Cifar, message: string, hint?: string): QpruneError =>
  hint === undefined
    ? new QpruneError(message, {
        hint: `Unpack ${cifar.archive.file} again.`,
        code: "cifar-damaged",
        details: archiveOf(cifar),
      })
    : new QpruneError(message, { hint });

/** The error for a label that the data set does not have. */
export const foreignCifarLabel = (message: string): QpruneError =>
  new QpruneError(message, {
    hint: "The file is damaged or belongs to another data set; unpack its archive again.",
    code: "cifar-label-out-of-range",
  });
