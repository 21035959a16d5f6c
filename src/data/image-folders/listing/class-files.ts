import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { type FilePath, shownPath, textOfPath } from "../../../files/file-path.js";
import { statReason } from "../../../files/stat-reason.js";
import { hasFileEnding, isImageName } from "./image-names.js";
import { partUse } from "./part-words.js";
import { type FolderEntry, readEntries } from "./read-entries.js";

/** A file in a class folder. */
export interface ClassFile {
  /** Its path from the folder of the classes on, with slashes. */
  readonly name: string;
  readonly path: FilePath;
}

/** What a class folder holds, its own folders included. */
export interface ClassFiles {
  readonly images: readonly ClassFile[];
  /** Names of files that are no images by their names. */
  readonly others: readonly string[];
  /** Names of folders within the class that hold images. */
  readonly folders: readonly string[];
}

const refuse = (folder: FilePath, reason: string): never => {
  throw usageError(
    `${shownPath(folder)} cannot be read: ${reason}.`,
    "Its images would be missing without notice: repair it, or remove it.",
  );
};

/** @throws QpruneError (usage) for an entry that may be a folder of images, but cannot be read. */
export const refuseUnknown = (entries: readonly FolderEntry[]): void => {
  for (const entry of entries) {
    if (entry.kind !== "unknown" || hasFileEnding(entry.name)) continue;
    refuse(entry.path, entry.reason);
  }
};

/** @throws QpruneError (usage) for parts within a class: cat/train, and photos/train where photos lies in DIR. */
const refuseParts = async (folder: FilePath, entries: readonly FolderEntry[]): Promise<void> => {
  const parts = entries.filter(({ kind, name }) => kind === "folder" && partUse(name));
  const [first, second] = parts;
  if (!first || !second) return;
  const place = shownPath(folder);
  const inside = await readEntries(first.path, isImageName);
  throw usageError(
    `${place} holds ${shownNames(parts.map(({ name }) => name))}, which are parts and not classes.`,
    inside.some(({ kind }) => kind === "folder")
      ? `Give ${place} with --data.`
      : `Lay the images out the other way round: ${visibleText(first.name)}/CLASS and ${visibleText(second.name)}/CLASS.`,
  );
};

const realPath = async (folder: FilePath): Promise<string> =>
  textOfPath(
    await realpath(folder, "buffer").catch(async (cause: Error) =>
      refuse(folder, await statReason(folder, cause)),
    ),
  );

/** Whether a folder is another one or lies in it. */
const isWithin = (folder: string, other: string): boolean =>
  folder === other || folder.startsWith(other.endsWith(sep) ? other : other + sep);

/**
 * The files of a class folder and of the folders in it, each in the order of the names. A link to a folder around it is
 * not followed.
 * @throws QpruneError (usage) where something in it cannot be read, and where it holds parts.
 */
export const classFiles = async (
  folder: FilePath,
  name: string,
  around: readonly string[] = [],
): Promise<ClassFiles> => {
  const real = await realPath(folder);
  if (around.some((each) => isWithin(each, real))) return { images: [], others: [], folders: [] };
  const entries = await readEntries(folder, isImageName);
  refuseUnknown(entries);
  await refuseParts(folder, entries);
  const files = entries.filter(({ kind }) => kind !== "folder");
  const named = files.map((entry) => ({ name: `${name}/${entry.name}`, path: entry.path }));
  const images = named.filter(({ name: each }) => isImageName(each));
  const others = named.filter(({ name: each }) => !isImageName(each)).map((each) => each.name);
  const folders: string[] = [];
  for (const entry of entries.filter(({ kind }) => kind === "folder")) {
    const within = `${name}/${entry.name}`;
    const inner = await classFiles(entry.path, within, [...around, real]);
    images.push(...inner.images);
    others.push(...inner.others);
    if (inner.images.length > 0) folders.push(within);
  }
  return { images, others, folders };
};
