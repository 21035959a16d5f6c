import { join } from "node:path";
import { QpruneError, usageError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";
import { exists } from "../../files/exists.js";
import { looksLikeImages } from "../image-folders/listing/looks-like-images.js";
import type { Cifar } from "./cifar.js";

/**
 * The error for a folder without the data set: what was looked for and where, and how to get it; for one of images, how
 * to train on them.
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
  const isThere = await exists(directory);
  if (isThere && (await looksLikeImages(directory))) {
    return usageError(
      `${visibleText(directory)} holds images as files, not ${title}.`,
      "Train on them with --dataset images (docs/own-images.md), or give the folder of the data set with --data.",
    );
  }
  const missing = isThere ? "" : " The folder does not exist.";
  return new QpruneError(
    `No ${title} data in ${directory}.${missing} Looked for ${files.join(", ")} there and one folder down (${folder}), and for the Python version (${python.folder}).`,
    {
      hint: `${toGetIt} --dataset digits works at once, without a download; --data DIR also takes own images, one folder a class.`,
      kind: "usage",
    },
  );
};
