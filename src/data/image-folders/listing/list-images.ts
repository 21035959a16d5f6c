import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import type { FilePath } from "../../../files/file-path.js";
import { className } from "../../class-names.js";
import { checkClasses, checkFolders } from "./check-classes.js";
import { type ClassFiles, classFiles } from "./class-files.js";
import { isImageName, unreadFormat } from "./image-names.js";
import { type FolderEntry, readEntries } from "./read-entries.js";

/** An image file, named by its class folder and its own name. */
export interface ListedImage {
  /** CLASS/NAME, with any subfolders in between. */
  readonly name: string;
  readonly path: FilePath;
  /** An index into the class names. */
  readonly label: number;
}

/** The classes of a folder with their files. */
export interface ImageList {
  readonly folder: string;
  readonly classNames: readonly string[];
  /** One list for each class, in the order of the class names. */
  readonly byClass: readonly (readonly ListedImage[])[];
  /** What the user should know: what is left out, and how folders were interpreted. */
  readonly notes: readonly string[];
}

/** The folders of a class; more than one if their names differ only in Unicode composition. */
interface ClassFolders extends ClassFiles {
  readonly name: string;
  readonly folderNames: readonly string[];
}

const readClass = async (name: string, folders: readonly FolderEntry[]): Promise<ClassFolders> => {
  const each: ClassFiles[] = [];
  for (const folder of folders) each.push(await classFiles(folder.path, folder.name));
  return {
    name,
    folderNames: folders.map((folder) => folder.name),
    images: each.flatMap(({ images }) => images),
    others: each.flatMap(({ others }) => others),
    folders: each.flatMap((files) => files.folders),
  };
};

const byClassName = (folders: readonly FolderEntry[]): Map<string, FolderEntry[]> => {
  const classes = new Map<string, FolderEntry[]>();
  for (const folder of folders) {
    const name = className(folder.name);
    classes.set(name, [...(classes.get(name) ?? []), folder]);
  }
  return classes;
};

const SHOWN_FILES = 3;

const filesText = (names: readonly string[]): string => shownNames(names, SHOWN_FILES);

/** Notes on files that are left out because of their names: unsupported image formats, and other files. */
const leftOut = (folder: string, others: readonly string[]): string[] => {
  const images = others.filter((name) => unreadFormat(name));
  const rest = others.filter((name) => !unreadFormat(name));
  const formats = [...new Set(images.map((name) => unreadFormat(name)))].sort().join(", ");
  return [
    ...(images.length > 0
      ? [
          `Left out of ${folder}, since ${formats} is not supported (convert to JPEG or PNG): ${filesText(images)}`,
        ]
      : []),
    ...(rest.length > 0
      ? [
          `Left out of ${folder}, since they do not have the extensions of images: ${filesText(rest)}`,
        ]
      : []),
  ];
};

const notesOf = (
  folder: string,
  classes: readonly ClassFolders[],
  loose: readonly string[],
): string[] => {
  const place = visibleText(folder);
  const nested = classes.flatMap(({ folders }) => folders);
  const merged = classes.filter(({ folderNames }) => folderNames.length > 1);
  return [
    ...leftOut(
      place,
      classes.flatMap(({ others }) => others),
    ),
    ...(loose.length > 0
      ? [`Left out of ${place}, since they are in no class folder: ${filesText(loose)}`]
      : []),
    ...(nested.length > 0
      ? [`In ${place}, images in subfolders of a class belong to the class: ${shownNames(nested)}`]
      : []),
    ...merged.map(
      ({ name, folderNames }) =>
        `In ${place}, ${folderNames.length} folders form the class ${visibleText(name)}: their names differ only in how accents are stored.`,
    ),
  ];
};

/**
 * Lists the class folders of a folder and their images, both sorted by name.
 * @throws QpruneError (usage) for fewer than two classes, for an empty one, and for folders that cannot be read.
 */
export const listImages = async (folder: string): Promise<ImageList> => {
  const entries = await readEntries(folder);
  checkFolders(entries);
  const loose = entries
    .filter(({ name, kind }) => kind !== "folder" && (isImageName(name) || unreadFormat(name)))
    .map(({ name }) => name);
  const classes: ClassFolders[] = [];
  for (const [name, folders] of byClassName(entries.filter(({ kind }) => kind === "folder"))) {
    classes.push(await readClass(name, folders));
  }
  checkClasses(folder, classes, loose);
  return {
    folder,
    classNames: classes.map(({ name }) => name),
    byClass: classes.map(({ images }, label) => images.map((image) => ({ ...image, label }))),
    notes: notesOf(folder, classes, loose),
  };
};
