import { basename, dirname, join } from "node:path";
import { type QpruneError, usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { shownPath } from "../../../files/file-path.js";
import { type ClassFiles, refuseUnknown } from "./class-files.js";
import { unreadFormat } from "./image-names.js";
import { hasPartWord, partUse } from "./part-words.js";
import type { FolderEntry } from "./read-entries.js";

const LAYOUTS =
  "one folder per class, directly or under train/ and val/ (or test/) (docs/own-images.md)";

/**
 * Checks the entries of a folder of classes. A class name is written to files of nets, so it has to be UTF-8.
 * @throws QpruneError (usage) for an entry that cannot be read and for a name that is not UTF-8.
 */
export const checkFolders = (entries: readonly FolderEntry[]): void => {
  refuseUnknown(entries);
  const unnamed = entries.find(({ kind, isUtf8 }) => kind === "folder" && !isUtf8);
  if (!unnamed) return;
  throw usageError(
    `The name of the class folder ${shownPath(unnamed.path)} is not UTF-8.`,
    "Rename it, for example with convmv, or unpack its archive again with the encoding of its names.",
  );
};

type NamedFiles = ClassFiles & { readonly name: string };

const noClasses = (folder: string, loose: readonly string[]): QpruneError => {
  const place = visibleText(folder);
  if (loose.length === 0) {
    return usageError(
      `No images in ${place}. Looked for images in ${LAYOUTS}.`,
      "Give the folder that contains them.",
      { code: "no-images-found" },
    );
  }
  const intoFolders = "put the images of each class into a folder of its own (docs/own-images.md)";
  const isPart = partUse(basename(folder)) !== undefined;
  const parent = visibleText(dirname(folder));
  const message = `${place} contains ${loose.length === 1 ? "an image" : `${loose.length} images`}, but no class folders.`;
  if (isPart) return usageError(message, `Within it, ${intoFolders}.`);
  return usageError(
    message,
    `If the folders in ${parent} are the classes, give that folder; otherwise ${intoFolders}.`,
    { code: "image-folder-is-class", details: { parent, otherwise: intoFolders } },
  );
};

/** The error for a single class: its subfolders may be the classes. */
const singleClass = (folder: string, { name, folders, images }: NamedFiles): QpruneError => {
  const only = visibleText(join(folder, name));
  const message = `${visibleText(folder)} has the single class ${visibleText(name)}, and a net needs at least two.`;
  const isDeeper = folders.length > 1 && images.length > 0;
  if (!isDeeper)
    return usageError(message, "Put the images of each class into a folder of its own.");
  const classes = shownNames(folders);
  return usageError(
    message,
    `If ${classes} are the classes, use the folder ${only}, or move them up one level.`,
    { code: "image-classes-deeper", details: { folder: only, classes } },
  );
};

const emptyClasses = (folder: string, empty: readonly NamedFiles[]): QpruneError => {
  const isOne = empty.length === 1;
  const formats = new Set(empty.flatMap(({ others }) => others.map(unreadFormat)));
  const unread = [...formats].filter((format) => format !== undefined).sort();
  const names = shownNames(empty.map(({ name }) => name));
  return usageError(
    `${visibleText(folder)}: ${isOne ? `the class ${names} has` : `the classes ${names} have`} no images${unread.length > 0 ? ` but ${unread.join(", ")} files, which are not read` : ""}.`,
    unread.length > 0
      ? "Convert them to JPEG or PNG, for example with ImageMagick (magick mogrify -format jpg)."
      : "Put JPEG, PNG, WebP, GIF, TIFF or AVIF files there, or remove the folder.",
  );
};

/** Folders whose names contain a word such as train and whose images all lie deeper, such as seg_train. */
const partLike = (classes: readonly NamedFiles[]): readonly NamedFiles[] =>
  classes.filter(
    ({ name, images, folders }) =>
      hasPartWord(name) &&
      folders.length > 0 &&
      images.every((image) => image.name.split("/").length > 2),
  );

/** @throws QpruneError (usage) for fewer than two classes, for empty ones, and for training and test parts. */
export const checkClasses = (
  folder: string,
  classes: readonly NamedFiles[],
  loose: readonly string[],
): void => {
  const [first, ...others] = classes;
  if (!first || classes.every(({ images, others: rest }) => images.length + rest.length === 0)) {
    if (!first || others.length > 0) throw noClasses(folder, loose);
  }
  if (others.length === 0) throw singleClass(folder, first);
  const parts = partLike(classes);
  if (parts.length > 0) {
    throw usageError(
      `${visibleText(folder)}: ${shownNames(parts.map(({ name }) => name))} look like parts for training and testing, not like classes.`,
      "Rename them to train and val (or test), or move their class folders up one level.",
    );
  }
  const empty = classes.filter(({ images }) => images.length === 0);
  if (empty.length > 0) throw emptyClasses(folder, empty);
};
