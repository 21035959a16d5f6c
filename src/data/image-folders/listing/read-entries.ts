import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { usageError } from "../../../base/errors.js";
import { type FilePath, pathIn, shownPath, textOfPath } from "../../../files/file-path.js";
import { statReason } from "../../../files/stat-reason.js";
import { inGroups } from "./in-groups.js";

/** What lies in a folder; links are followed. */
export type FolderEntry = {
  /** Of a name that is not UTF-8, its bytes escaped. */
  readonly name: string;
  readonly isUtf8: boolean;
  readonly path: FilePath;
} & (
  | { readonly kind: "folder" | "file" }
  /** The system does not say what it is; `reason` ends the sentence "it cannot be read: …". */
  | { readonly kind: "unknown"; readonly reason: string }
);

/** Folders that systems make: zip archives of macOS, network storage, repaired and removable disks. */
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
  // A link, or a disk that does not record what its entries are.
  return stat(path).then(
    (target) => ({ kind: target.isDirectory() ? "folder" : "file" }) as const,
    async (cause: Error) => ({ kind: "unknown", reason: await statReason(path, cause) }) as const,
  );
};

/**
 * What a folder holds but for hidden entries and folders that systems make, in the order of the names. Entries that
 * `isFile` knows by their name are not looked at.
 * @throws QpruneError (usage) where the folder cannot be read.
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
  return inGroups(named, async ({ entry, name }): Promise<FolderEntry> => {
    const path = pathIn(folder, entry.name);
    const kind = isFile(name) ? ({ kind: "file" } as const) : await kindOf(entry, path);
    return { name, isUtf8: isUtf8(entry.name), path, ...kind };
  });
};
