import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { usageError } from "../../../base/errors.js";
import { type FilePath, pathIn, shownPath, textOfPath } from "../../../files/file-path.js";
import { statReason } from "../../../files/reading/stat-reason.js";

/** File system calls that wait at the same time. */
const CONCURRENT_CALLS = 64;

/** Calls a function for each item, CONCURRENT_CALLS at a time, and returns the results in the items' order. */
const mapInBatches = async <T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += CONCURRENT_CALLS) {
    results.push(...(await Promise.all(items.slice(start, start + CONCURRENT_CALLS).map(call))));
  }
  return results;
};

/** An entry of a folder; links are followed. */
export type FolderEntry = {
  /** If the name is not UTF-8, its bytes are escaped. */
  readonly name: string;
  readonly isUtf8: boolean;
  readonly path: FilePath;
} & (
  | { readonly kind: "folder" | "file" }
  /** The system does not report what it is; `reason` completes "it cannot be read: …". */
  | { readonly kind: "unknown"; readonly reason: string }
);

/** Folders that systems create: archives made by macOS, network storage, repaired and removable disks. */
const OF_SYSTEMS = new Set([
  "__MACOSX",
  "@eaDir",
  "lost+found",
  "$RECYCLE.BIN",
  "System Volume Information",
]);

const isShown = (name: string): boolean => !name.startsWith(".") && !OF_SYSTEMS.has(name);

const kindOf = async (found: Dirent<Buffer>, path: FilePath) => {
  if (found.isDirectory()) return { kind: "folder" } as const;
  if (found.isFile()) return { kind: "file" } as const;
  // A link, or an entry of a file system that does not record kinds.
  return stat(path).then(
    (target) => ({ kind: target.isDirectory() ? "folder" : "file" }) as const,
    async (cause: Error) => ({ kind: "unknown", reason: await statReason(path, cause) }) as const,
  );
};

/**
 * The entries of a folder, sorted by name, except hidden ones and folders that systems create. Entries whose names
 * satisfy `isFile` are not looked up.
 * @throws QpruneError (usage) if the folder cannot be read.
 */
export const readEntries = async (
  folder: FilePath,
  isFile: (name: string) => boolean = () => false,
): Promise<FolderEntry[]> => {
  const options = { encoding: "buffer", withFileTypes: true } as const;
  const found = await readdir(folder, options).catch(async (cause: Error) => {
    throw usageError(
      `The folder ${shownPath(folder)} cannot be read: ${await statReason(folder, cause)}.`,
      "Check the path and its permissions.",
    );
  });
  const named = found
    .map((entry) => ({ entry, name: textOfPath(entry.name) }))
    .filter(({ name }) => isShown(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return mapInBatches(named, async ({ entry, name }): Promise<FolderEntry> => {
    const path = pathIn(folder, entry.name);
    const kind = isFile(name) ? ({ kind: "file" } as const) : await kindOf(entry, path);
    return { name, isUtf8: isUtf8(entry.name), path, ...kind };
  });
};
