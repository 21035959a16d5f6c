import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { isImageName } from "../../data/image-folders/listing/image-names.js";
import { readEntries } from "../../data/image-folders/listing/read-entries.js";
import type { FilePath } from "../../files/file-path.js";
import { quoted } from "../../options/names/shell-command.js";

/** Shell patterns for the images of a folder, one for each ending; `subfolders` is the pattern between folder and name. */
const patternsOf = (folder: string, subfolders: string, images: readonly string[]): string[] => {
  const start = quoted(folder.replace(/(?<=.)\/+$/, ""));
  const endings = new Set(images.map((name) => extname(name)));
  return [...endings].sort().map((ending) => `${start}/${subfolders}*${ending}`);
};

/** The images and folders in a folder; none if it cannot be read. */
const contentsOf = async (folder: FilePath) => {
  const entries = await readEntries(folder).catch(() => []);
  return {
    images: entries.map(({ name }) => name).filter(isImageName),
    folders: entries.filter(({ kind }) => kind === "folder").map((entry) => entry.path),
  };
};

/**
 * Shell patterns for the images in a folder, or else in its subfolders: [photos/dog/*.jpg]. Undefined if `path` is not a
 * folder, empty if it has no images.
 */
export const folderPatterns = async (path: string): Promise<string[] | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const { images, folders } = await contentsOf(path);
  if (images.length > 0) return patternsOf(path, "", images);
  const inner = await Promise.all(folders.map(contentsOf));
  return patternsOf(
    path,
    "*/",
    inner.flatMap((each) => each.images),
  );
};
