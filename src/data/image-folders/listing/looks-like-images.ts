import { isImageName, unreadFormat } from "./image-names.js";
import { partUse } from "./part-words.js";
import { type FolderEntry, readEntries } from "./read-entries.js";

/** Class folders lie at most so deep in what people give: photos/PetImages/train/cat. */
const DEEPEST = 4;
/** So many folders tell; a whole disk is not searched. */
const MOST_FOLDERS = 200;

const isImage = ({ name, kind }: FolderEntry): boolean =>
  kind !== "folder" && (isImageName(name) || unreadFormat(name) !== undefined);

type Place = Pick<FolderEntry, "name" | "path">;

/** The entries of a folder; of one that cannot be read none. */
const entriesOf = ({ path }: Place): Promise<FolderEntry[]> =>
  readEntries(path, isImageName).catch(() => []);

/** Whether a folder is laid out for training, or images lie in it or in its folders, also ones that are not read. */
export const looksLikeImages = async (directory: string): Promise<boolean> => {
  let places: Place[] = [{ name: "", path: directory }];
  let seen = 0;
  for (let depth = 0; depth <= DEEPEST; depth++) {
    const next: Place[] = [];
    for (const place of places) {
      if (++seen > MOST_FOLDERS) return false;
      const entries = await entriesOf(place);
      const folders = entries.filter(({ kind }) => kind === "folder");
      const isTrain = partUse(place.name) === "train" && folders.length > 0;
      if (isTrain || entries.some(isImage)) return true;
      next.push(...folders);
    }
    places = next;
  }
  return false;
};
