import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { usageError } from "../../core/errors.js";
import { namesIn } from "../../data/image-folders/image-layout.js";

/**
 * Says what is wrong with a folder that --data names and that looks like no data set at all.
 * @throws QpruneError (usage) where it does not exist, or holds images of one class.
 */
export const checkNamedFolder = async (directory: string): Promise<void> => {
  const found = await stat(directory).catch(() => undefined);
  if (found === undefined) {
    throw usageError(
      `The folder ${directory} of --data does not exist.`,
      "Check the path; --download fetches CIFAR there, --dataset digits needs no folder.",
    );
  }
  if (!found.isDirectory()) return;
  const { images } = await namesIn(directory);
  if (images.length === 0) return;
  throw usageError(
    `${directory} holds ${images.length} images, but no folder for each class.`,
    `Give the folder above with --data ${dirname(directory)}, if its folders are the classes (docs/own-images.md).`,
  );
};
