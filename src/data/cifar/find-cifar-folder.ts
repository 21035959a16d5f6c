import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { CIFAR, type Cifar } from "./cifar.js";

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The names in a folder, sorted; none if there is no such folder. */
const namesIn = async (directory: string): Promise<string[]> => {
  try {
    return (await readdir(directory)).sort();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return [];
    const reason = code === "ENOTDIR" ? "it is not a folder" : (cause as Error).message;
    throw new QpruneError(`Cannot look for data in ${directory}: ${reason}.`, {
      hint: "Name a folder with --data.",
      kind: "usage",
      cause,
    });
  }
};

/** A folder with some of the files that were looked for. */
export interface FoundFolder {
  readonly folder: string;
  /** How many of the files it has. */
  readonly found: number;
}

/** The first of some folders with the most of the files; undefined if none has any. */
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
 * The folder that holds the named binary files of a CIFAR data set: the folder of the authors' name in
 * `directory`, `directory` itself, or another folder in it, taken in this order; the first with the
 * most of the files wins. Undefined if not one of the files is found. Throws where `directory` is a
 * file or cannot be read.
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
 * The folder that holds the named files of the Python version: the folder of the authors' name in
 * `directory`, or `directory` itself. Other folders do not count: "test" may be anything.
 */
export const findCifarPythonFolder = (
  cifar: Cifar,
  directory: string,
  files: readonly string[],
): Promise<FoundFolder | undefined> =>
  fullestFolder([join(directory, cifar.python.folder), directory], files);

/** Whether a folder holds files of CIFAR-10 or CIFAR-100, of either version, or its archive. */
export const hasCifar = async (directory: string): Promise<boolean> => {
  for (const cifar of Object.values(CIFAR)) {
    const { python, trainFiles, testFile, archive } = cifar;
    if (await isFile(join(directory, archive.file))) return true;
    if (await findCifarFolder(cifar, directory, [...trainFiles, testFile])) return true;
    // A file called train or test is CIFAR-100's only in a folder of its name.
    const folder = join(directory, python.folder);
    if (await fullestFolder([folder], [...python.trainFiles, python.testFile])) return true;
  }
  return false;
};
