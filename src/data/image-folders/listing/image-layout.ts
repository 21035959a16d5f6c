import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError, usageError } from "../../../core/errors.js";

/** Endings that images have, in any case. */
const IMAGE_NAME = /\.(?:jpe?g|png|webp)$/i;
const TEST_FOLDERS = ["val", "test"];

/**
 * How the images of a folder lie: `parts`, class folders under train/ and under val/ or test/; `plain`, class
 * folders alone.
 */
export type ImageLayout =
  | { readonly kind: "parts"; readonly train: string; readonly test: string | undefined }
  | { readonly kind: "plain"; readonly folder: string };

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const visibleNames = async (folder: string): Promise<string[]> =>
  (
    await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      throw new QpruneError(`${folder} cannot be read: ${cause.message}.`, {
        hint: "Check its permissions.",
        kind: "usage",
        cause,
      });
    })
  )
    .filter((name) => !name.startsWith("."))
    .sort();

/** The folders in a folder, links followed, in the order of their names. */
export const foldersIn = async (folder: string): Promise<string[]> => {
  const names = await visibleNames(folder);
  const areFolders = await Promise.all(names.map((name) => isFolder(join(folder, name))));
  return names.filter((_, at) => areFolders[at]);
};

/** The names in a class folder: those of images, and others. */
export const namesIn = async (
  folder: string,
): Promise<{ readonly images: string[]; readonly others: string[] }> => {
  const names = await visibleNames(folder);
  return {
    images: names.filter((name) => IMAGE_NAME.test(name)),
    others: names.filter((name) => !IMAGE_NAME.test(name)),
  };
};

/** How the images of a folder lie; undefined where there is no such folder or nothing in it looks like images. */
export const findImageLayout = async (directory: string): Promise<ImageLayout | undefined> => {
  if (!(await isFolder(directory))) return undefined;
  const folders = await foldersIn(directory);
  if (folders.includes("train") && (await foldersIn(join(directory, "train"))).length > 0) {
    const test = TEST_FOLDERS.find((name) => folders.includes(name));
    return { kind: "parts", train: join(directory, "train"), test: test && join(directory, test) };
  }
  for (const folder of folders) {
    const { images } = await namesIn(join(directory, folder));
    if (images.length > 0) return { kind: "plain", folder: directory };
  }
  return undefined;
};

/** @throws QpruneError (usage) where a folder holds no class folders. */
export const imageLayout = async (directory: string): Promise<ImageLayout> => {
  const layout = await findImageLayout(directory);
  if (layout) return layout;
  const missing = (await isFolder(directory)) ? "" : " The folder does not exist.";
  throw usageError(
    `No images in ${directory}.${missing} Looked for folders of .jpg, .png and .webp files, one a class, under train/ and val/ (or test/), or alone.`,
    "Give the folder that holds them with --data (docs/own-images.md).",
  );
};
