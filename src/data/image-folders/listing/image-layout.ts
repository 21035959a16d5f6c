import { stat } from "node:fs/promises";
import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { statReason } from "../../../files/reading/stat-reason.js";
import { isImageName } from "./image-names.js";
import { type PartUse, partUse } from "./part-words.js";
import { type FolderEntry, readEntries } from "./read-entries.js";

/**
 * The layout of a folder of images. `parts`: class folders under train/ and under val/ or test/. `plain`: class folders
 * alone.
 */
export type ImageLayout =
  | {
      readonly kind: "parts";
      readonly train: string | undefined;
      readonly test: string | undefined;
      /** Names of folders (with a slash) and images next to the parts, which are not read. */
      readonly unused: readonly string[];
    }
  | { readonly kind: "plain"; readonly folder: string };

type Named = FolderEntry & { readonly use: PartUse | undefined };

const foldersOf = (entries: readonly FolderEntry[]): FolderEntry[] =>
  entries.filter(({ kind }) => kind === "folder");

/** Whether one of these folders contains class folders. A class itself may be called train. */
const holdFolders = async (folders: readonly Named[]): Promise<boolean> => {
  for (const { path } of folders) {
    if (foldersOf(await readEntries(path, isImageName)).length > 0) return true;
  }
  return false;
};

const checkParts = (directory: string, trains: readonly Named[], all: readonly Named[]): void => {
  const broken = all.find(({ kind, use }) => kind === "unknown" && use !== undefined);
  if (broken?.kind === "unknown") {
    throw usageError(
      `The folder ${visibleText(`${directory}/${broken.name}`)} cannot be read: ${broken.reason}.`,
      "Repair or remove it.",
    );
  }
  if (trains.length < 2) return;
  throw usageError(
    `${visibleText(directory)} has ${trains.length} folders for training: ${shownNames(trains.map(({ name }) => name))}.`,
    "Keep one of them there, with all class folders in it.",
  );
};

const isParts = async (folders: readonly Named[]): Promise<boolean> => {
  const parts = folders.filter(({ use }) => use !== undefined);
  if (parts.length === 0) return false;
  const uses = new Set(parts.map(({ use }) => use));
  // Next to other folders a single such name may be a class, such as train among vehicles.
  return (uses.has("train") && uses.size > 1) || holdFolders(parts);
};

/** The parts of a folder; undefined if its folders are classes. */
const partsIn = async (
  directory: string,
  entries: readonly FolderEntry[],
): Promise<Extract<ImageLayout, { kind: "parts" }> | undefined> => {
  const all = entries.map((entry) => ({ ...entry, use: partUse(entry.name) }));
  const folders = all.filter(({ kind }) => kind === "folder");
  if (!(await isParts(folders))) return undefined;
  const of = (use: PartUse) => folders.filter((each) => each.use === use);
  checkParts(directory, of("train"), all);
  const loose = entries.filter(({ kind, name }) => kind === "file" && isImageName(name));
  const [train] = of("train");
  const [test] = [...of("val"), ...of("test")];
  const pathOf = (part: Named | undefined) => (part ? String(part.path) : undefined);
  return {
    kind: "parts",
    train: pathOf(train),
    test: pathOf(test),
    unused: [
      ...folders.filter((each) => each !== train && each !== test).map(({ name }) => `${name}/`),
      ...loose.map(({ name }) => name),
    ],
  };
};

/** Determines the layout of a folder of images. @throws QpruneError (usage) if it cannot be read. */
export const imageLayout = async (directory: string): Promise<ImageLayout> => {
  const found = await stat(directory).catch(async (cause: Error) => {
    const isMissing = "code" in cause && cause.code === "ENOENT";
    const reason = isMissing ? "" : ` (${await statReason(directory, cause)})`;
    throw usageError(
      `No images in ${visibleText(directory)}. The folder does not exist${reason}.`,
      "Give a folder with one subfolder of images per class (docs/own-images.md).",
      { code: "image-folder-missing" },
    );
  });
  if (!found.isDirectory()) {
    throw usageError(
      `${visibleText(directory)} is a file, not a folder of images.`,
      "Give the folder that contains the class folders (docs/own-images.md).",
      { code: "image-folder-is-file" },
    );
  }
  const entries = await readEntries(directory, isImageName);
  return (await partsIn(directory, entries)) ?? { kind: "plain", folder: directory };
};
