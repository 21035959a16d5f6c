import type { Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { nearestFirst, nearestName } from "../../base/nearest-name.js";
import { shownNames } from "../../base/shown-names.js";
import { visibleText } from "../../base/visible-text.js";

/** Extensions of files that can be used for each other. */
const SAME_USE = [
  [".safetensors", ".pth", ".pt", ".onnx"],
  [".yml", ".yaml"],
];
/** Training states are not meant where a model file is. */
const STATE_NAME = /\.state\.[a-z]+$/;
/** How many folders down to search; models_save/COMMAND/FILE is two down. */
const MAX_DEPTH = 3;
/** How many names to read, so that a search in a huge folder ends soon. */
const MAX_NAMES = 2000;

const isSearched = (folder: string): boolean =>
  folder !== "node_modules" && !folder.startsWith(".");

/** The nearest folder above a path that exists. */
const existingFolder = async (path: string): Promise<string> => {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory()) return folder;
  }
  return ".";
};

/** The first entries of a folder by name, at most `most`; none if it cannot be read. */
const entriesOf = async (folder: string, most: number): Promise<Dirent[]> => {
  const entries: Dirent[] = [];
  const opened = await opendir(folder).catch(() => undefined);
  if (!opened) return entries;
  for await (const entry of opened) {
    if (entries.length === most) break;
    entries.push(entry);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** Existing files with the extension of a missing one, in and below the nearest folder that exists. */
const similarFiles = async (path: string, folder: string): Promise<string[]> => {
  const ending = extname(path);
  const endings = SAME_USE.find((each) => each.includes(ending)) ?? [ending];
  const isUsable = (name: string): boolean =>
    endings.includes(extname(name)) && STATE_NAME.test(name) === STATE_NAME.test(path);
  const files: string[] = [];
  let left = MAX_NAMES;
  let folders = [folder];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const deeper: string[] = [];
    for (const each of folders) {
      const entries = await entriesOf(each, left);
      left -= entries.length;
      const named = (isWanted: (entry: Dirent) => boolean): string[] =>
        entries.filter(isWanted).map(({ name }) => join(each, name));
      files.push(...named((entry) => entry.isFile() && isUsable(entry.name)));
      deeper.push(...named((entry) => entry.isDirectory() && isSearched(entry.name)));
    }
    folders = deeper;
  }
  return files;
};

/** Existing files that could be meant by the path of a missing one. */
interface MissingFile {
  /** The most similar file first. */
  readonly files: readonly string[];
  /** What to do about it, as sentences. */
  readonly hint: string;
}

const stemOf = (path: string): string => basename(path, extname(path));

/** Looks for files that could be meant by the path of a missing one. */
export const findMissing = async (path: string): Promise<MissingFile> => {
  const ending = extname(path);
  if (ending === "") return { files: [], hint: "Check the path." };
  const folder = await existingFolder(path);
  const found = await similarFiles(path, folder);
  if (found.length === 0) {
    const place = folder === "." ? "in this folder or below" : `in or below ${visibleText(folder)}`;
    const hint = `Check the path; there is no ${visibleText(ending)} file ${place}.`;
    return { files: [], hint };
  }
  const stems = nearestFirst(stemOf(path), [...new Set(found.map(stemOf))]);
  const sameEndingFirst = [true, false].flatMap((isSame) =>
    found.filter((file) => (extname(file) === ending) === isSame),
  );
  const files = stems.flatMap((stem) => sameEndingFirst.filter((file) => stemOf(file) === stem));
  const isNear = nearestName(stemOf(path), stems) !== undefined;
  const [first = "", ...others] = files;
  if (!isNear) return { files, hint: `Check the path. There are ${shownNames(files)}.` };
  const rest = others.length > 0 ? ` There are also ${shownNames(others)}.` : "";
  return { files, hint: `Did you mean ${visibleText(first)}?${rest}` };
};
