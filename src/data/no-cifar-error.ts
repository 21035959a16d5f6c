import { dirname, join } from "node:path";
import { QpruneError, usageError } from "../core/errors.js";
import { exists } from "../files/exists.js";
import type { Cifar } from "./cifar.js";
import { namesIn } from "./image-folders/listing/image-layout.js";

/**
 * The error for a folder without the data set: what was looked for and where, and how to get it. Images that lie in the
 * folder itself are those of one class.
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
  const { images } = isThere ? await namesIn(directory) : { images: [] };
  if (images.length > 0) {
    return usageError(
      `${directory} holds ${images.length} images, but no folder for each class.`,
      `Give the folder above with --data ${dirname(directory)}, if its folders are the classes (docs/own-images.md).`,
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
