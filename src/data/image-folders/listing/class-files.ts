import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { type FilePath, shownPath, textOfPath } from "../../../files/file-path.js";
import { statReason } from "../../../files/reading/stat-reason.js";
import { hasFileEnding, isImageName } from "./image-names.js";
import { partUse } from "./part-words.js";
import { type FolderEntry, readEntries } from "./read-entries.js";

/** A file in a class folder. */
export interface ClassFile {
  /** The path from the folder of the classes, with slashes. */
  readonly name: string;
  readonly path: FilePath;
}

/** The contents of a class folder, its subfolders included. */
export interface ClassFiles {
  readonly images: readonly ClassFile[];
  /** Names of files whose names are not those of images. */
  readonly others: readonly string[];
  /** Names of subfolders that contain images. */
  readonly folders: readonly string[];
}

const refuse = (folder: FilePath, reason: string): never => {
  throw usageError(
    `${shownPath(folder)} cannot be read: ${reason}.`,
    "Repair or remove it; otherwise its images would silently be missing.",
  );
};

/** @throws QpruneError (usage) for an entry that may be a folder of images, but cannot be read. */
export const refuseUnknown = (entries: readonly FolderEntry[]): void => {
  for (const entry of entries) {
    if (entry.kind !== "unknown" || hasFileEnding(entry.name)) continue;
    refuse(entry.path, entry.reason);
  }
};

/** @throws QpruneError (usage) for training and test parts within a class, as in cat/train or DIR/photos/train. */
const refuseParts = async (folder: FilePath, entries: readonly FolderEntry[]): Promise<void> => {
  const parts = entries.filter(({ kind, name }) => kind === "folder" && partUse(name));
  const [first, second] = parts;
  if (!first || !second) return;
  const place = shownPath(folder);
  const inside = await readEntries(first.path, isImageName);
  const message = `${place} contains ${shownNames(parts.map(({ name }) => name))}, which are parts for training and testing, not classes.`;
  if (inside.some(({ kind }) => kind === "folder")) {
    throw usageError(message, `Give the folder ${place}.`, {
      code: "image-parts-deeper",
      details: { folder: place },
    });
  }
  throw usageError(
    message,
    `Lay the images out the other way round: ${visibleText(first.name)}/CLASS and ${visibleText(second.name)}/CLASS.`,
  );
};

const realPath = async (folder: FilePath): Promise<string> =>
  textOfPath(
    await realpath(folder, "buffer").catch(async (cause: Error) =>
      refuse(folder, await statReason(folder, cause)),
    ),
  );

/** Whether a folder is the same as another or lies in it. */
const isWithin = (folder: string, other: string): boolean =>
  folder === other || folder.startsWith(other.endsWith(sep) ? other : other + sep);

/**
 * The files of a class folder and its subfolders, each sorted by name. A link to a folder that contains it is not
 * followed.
 * @throws QpruneError (usage) if something in it cannot be read, and if it contains training and test parts.
 */
export const classFiles = async (
  folder: FilePath,
  name: string,
  ancestors: readonly string[] = [],
): Promise<ClassFiles> => {
  const real = await realPath(folder);
  if (ancestors.some((each) => isWithin(each, real)))
    return { images: [], others: [], folders: [] };
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
    const inner = await classFiles(entry.path, within, [...ancestors, real]);
    images.push(...inner.images);
    others.push(...inner.others);
    if (inner.images.length > 0) folders.push(within);
  }
  return { images, others, folders };
};
