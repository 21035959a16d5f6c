import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { type ImageFolderParts, listFolder } from "./listing/list-parts.js";

/**
 * SHA-256 of the names, sizes and modification times of the images in a folder. It reads no image, since there may be
 * too many.
 * @throws QpruneError (usage) if the folders are not laid out as classes.
 */
export const imageFoldersDigest = async (
  where: Pick<ImageFolderParts, "directory" | "parts">,
): Promise<string> => {
  const noLimits = { trainLimit: Number.POSITIVE_INFINITY, testLimit: Number.POSITIVE_INFINITY };
  const { train, test } = await listFolder({ ...where, ...noLimits }, { notify: () => {} });
  const hash = createHash("sha256");
  for (const list of [train, test]) {
    for (const { name, path } of list?.byClass.flat() ?? []) {
      const { size, mtimeMs } = await stat(path);
      hash.update(`${name}\0${size} ${mtimeMs}\n`);
    }
    hash.update("\n");
  }
  return hash.digest("hex");
};
