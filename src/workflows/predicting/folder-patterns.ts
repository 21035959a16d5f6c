import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { isImageName } from "../../data/image-folders/listing/image-names.js";
import { readEntries } from "../../data/image-folders/listing/read-entries.js";
import type { FilePath } from "../../files/file-path.js";
import { quoted } from "../../options/shell-command.js";

/** The images of a folder as one types them in a shell, one pattern for each ending; `behind` leads to them. */
const patternsOf = (folder: string, behind: string, images: readonly string[]): string[] => {
  const start = quoted(folder.replace(/(?<=.)\/+$/, ""));
  const endings = new Set(images.map((name) => extname(name)));
  return [...endings].sort().map((ending) => `${start}/${behind}*${ending}`);
};

/** The images and folders in a folder; one that cannot be read has none. */
const contentsOf = async (folder: FilePath) => {
  const entries = await readEntries(folder).catch(() => []);
  return {
    images: entries.map(({ name }) => name).filter(isImageName),
    folders: entries.filter(({ kind }) => kind === "folder").map((entry) => entry.path),
  };
};

/**
 * How a shell names the images of a folder: those in it, else those in its folders. Example: [photos/dog/*.jpg].
 * Undefined where `path` is no folder, empty where it has no images.
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
