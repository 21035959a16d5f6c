import { isImageName, unreadFormat } from "./image-names.js";
import { partUse } from "./part-words.js";
import { type FolderEntry, readEntries } from "./read-entries.js";

/** The deepest level at which class folders are looked for: photos/PetImages/train/cat. */
const MAX_DEPTH = 4;
/** Most folders that are looked into, so that no whole disk is searched. */
const MAX_FOLDERS = 200;

const isImage = ({ name, kind }: FolderEntry): boolean =>
  kind !== "folder" && (isImageName(name) || unreadFormat(name) !== undefined);

type Folder = Pick<FolderEntry, "name" | "path">;

/** The entries of a folder; none if it cannot be read. */
const entriesOf = ({ path }: Folder): Promise<FolderEntry[]> =>
  readEntries(path, isImageName).catch(() => []);

/** Whether a folder is laid out for training, or it or its subfolders contain images, unsupported formats included. */
export const looksLikeImages = async (directory: string): Promise<boolean> => {
  let level: Folder[] = [{ name: "", path: directory }];
  let seen = 0;
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const next: Folder[] = [];
    for (const folder of level) {
      if (++seen > MAX_FOLDERS) return false;
      const entries = await entriesOf(folder);
      const folders = entries.filter(({ kind }) => kind === "folder");
      const isTrain = partUse(folder.name) === "train" && folders.length > 0;
      if (isTrain || entries.some(isImage)) return true;
      next.push(...folders);
    }
    level = next;
  }
  return false;
};
