import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { foldersIn, namesIn } from "../../data/image-folders/listing/image-layout.js";
import { quoted } from "../shell-command.js";

/** The images of a folder as one types them in a shell, one pattern for each ending; `behind` leads to them. */
const patternsOf = (folder: string, behind: string, images: readonly string[]): string[] => {
  const start = quoted(folder.replace(/(?<=.)\/+$/, ""));
  const endings = new Set(images.map((name) => extname(name)));
  return [...endings].sort().map((ending) => `${start}/${behind}*${ending}`);
};

/**
 * How a shell names the images of a folder: those in it, else those in its folders. Example: [photos/dog/*.jpg].
 * Undefined where `path` is no folder, empty where it has no images.
 */
export const folderPatterns = async (path: string): Promise<string[] | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const { images } = await namesIn(path);
  if (images.length > 0) return patternsOf(path, "", images);
  const folders = await foldersIn(path);
  const inner = await Promise.all(folders.map((name) => namesIn(`${path}/${name}`)));
  return patternsOf(
    path,
    "*/",
    inner.flatMap((each) => each.images),
  );
};
