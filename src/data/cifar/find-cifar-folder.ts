import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { CIFAR, type Cifar } from "./cifar.js";

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The sorted names in a folder; none if the folder does not exist. */
const namesIn = async (directory: string): Promise<string[]> => {
  try {
    return (await readdir(directory)).sort();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return [];
    const reason = code === "ENOTDIR" ? "it is not a folder" : (cause as Error).message;
    throw new QpruneError(`Cannot look for data in ${directory}: ${reason}.`, {
      code: "data-folder-unreadable",
      hint: "Give a readable folder.",
      kind: "usage",
      cause,
    });
  }
};

/** A folder that contains some of the wanted files. */
export interface FoundFolder {
  readonly folder: string;
  /** The number of wanted files in it. */
  readonly found: number;
}

/** The first folder with the most wanted files; undefined if no folder has any. */
const fullestFolder = async (
  folders: readonly string[],
  files: readonly string[],
): Promise<FoundFolder | undefined> => {
  let best: FoundFolder | undefined;
  for (const folder of folders) {
    const present = await Promise.all(files.map((file) => isFile(join(folder, file))));
    const found = present.filter(Boolean).length;
    if (found > (best?.found ?? 0)) best = { folder, found };
  }
  return best;
};

/**
 * The folder with the named binary files of a CIFAR data set. It looks in the folder with the authors' name in
 * `directory`, in `directory` itself, and in the other folders there, in this order; the first with the most files wins.
 * Undefined if no file is found.
 * @throws QpruneError (usage) if `directory` is a file or cannot be read.
 */
export const findCifarFolder = async (
  cifar: Cifar,
  directory: string,
  files: readonly string[],
): Promise<FoundFolder | undefined> => {
  const names = await namesIn(directory);
  const others = names.filter((name) => name !== cifar.folder);
  const folders = [cifar.folder, ".", ...others].map((name) => join(directory, name));
  return fullestFolder(folders, files);
};

/**
 * The folder with the named files of the Python version: the folder with the authors' name in `directory`, or
 * `directory` itself. Other folders are not searched, since a file named "test" may be anything.
 */
export const findCifarPythonFolder = (
  cifar: Cifar,
  directory: string,
  files: readonly string[],
): Promise<FoundFolder | undefined> =>
  fullestFolder([join(directory, cifar.python.folder), directory], files);

/** Whether a folder contains files of CIFAR-10 or CIFAR-100, in either version, or one of their archives. */
export const hasCifar = async (directory: string): Promise<boolean> => {
  for (const cifar of Object.values(CIFAR)) {
    const { python, trainFiles, testFile, archive } = cifar;
    if (await isFile(join(directory, archive.file))) return true;
    if (await findCifarFolder(cifar, directory, [...trainFiles, testFile])) return true;
    // A file called train or test belongs to CIFAR-100 only if its folder has the authors' name.
    const folder = join(directory, python.folder);
    if (await fullestFolder([folder], [...python.trainFiles, python.testFile])) return true;
  }
  return false;
};
