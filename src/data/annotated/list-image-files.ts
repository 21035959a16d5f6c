import { join } from "node:path";
import { usageError } from "../../base/errors.js";
import { shownPath } from "../../files/file-path.js";
import { isImageName } from "../image-folders/listing/image-names.js";
import { readEntries } from "../image-folders/listing/read-entries.js";

/** Folders are nested less deeply than this. */
const MAX_DEPTH = 8;

/**
 * The names of the image files in a folder and its subfolders, as paths from it with slashes, sorted.
 * @throws QpruneError (usage) for a folder that cannot be read, and for names that are not UTF-8, which annotations cannot contain.
 */
export const listImageFiles = async (folder: string, depth = 0): Promise<string[]> => {
  const names: string[] = [];
  for (const { name, path, kind, isUtf8 } of await readEntries(folder, isImageName)) {
    const isWanted = kind === "folder" ? depth < MAX_DEPTH : isImageName(name);
    if (!isWanted) continue;
    if (!isUtf8) {
      throw usageError(
        `The name of ${shownPath(path)} is not UTF-8, so annotations cannot contain it.`,
        "Rename it.",
      );
    }
    if (kind === "folder") {
      const inside = await listImageFiles(join(folder, name), depth + 1);
      names.push(...inside.map((each) => `${name}/${each}`));
    } else names.push(name);
  }
  return names.sort();
};
