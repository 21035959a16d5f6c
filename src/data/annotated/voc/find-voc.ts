import { join } from "node:path";
import { type PartUse, partUse } from "../../image-folders/listing/part-words.js";
import { type FolderEntry, readEntries } from "../../image-folders/listing/read-entries.js";
import type { AnnotatedFolder, PartSource } from "../annotated-images.js";
import { readVocClasses, readVocPart, type VocList } from "./read-voc-part.js";

const isXml = ({ name, kind }: FolderEntry): boolean =>
  kind !== "folder" && name.toLowerCase().endsWith(".xml");

const entriesOf = (folder: string): Promise<FolderEntry[]> => readEntries(folder).catch(() => []);

/** A folder laid out as the challenge's. */
const isVocFolder = async (folder: string): Promise<boolean> => {
  const names = new Set((await entriesOf(folder)).map(({ name }) => name));
  return names.has("Annotations") && (await entriesOf(join(folder, "Annotations"))).some(isXml);
};

/** The folders of the challenge: the folder itself, VOC2012 in it, or VOCdevkit/VOC2012. */
const vocFolders = async (folder: string): Promise<string[]> => {
  if (await isVocFolder(folder)) return [folder];
  const found: string[] = [];
  for (const parent of [folder, join(folder, "VOCdevkit")]) {
    for (const { name, kind } of await entriesOf(parent)) {
      const inside = join(parent, name);
      if (kind === "folder" && (await isVocFolder(inside))) found.push(inside);
    }
  }
  return found;
};

type Lists = Partial<Record<PartUse, VocList>>;

/**
 * The lists of a folder: train and val, or if there is a test list trainval (else train) and test, as the challenge of 2007 has them.
 */
const listsIn = async (folder: string): Promise<Lists> => {
  const lists = join(folder, "ImageSets", "Main");
  const names = new Set((await entriesOf(lists)).map(({ name }) => name));
  const listed = (name: string): VocList | undefined =>
    names.has(`${name}.txt`) ? { folder, list: join(lists, `${name}.txt`) } : undefined;
  const test = listed("test");
  const train = test ? (listed("trainval") ?? listed("train")) : listed("train");
  const val = test ? undefined : listed("val");
  return { ...(train && { train }), ...(val && { val }), ...(test && { test }) };
};

/** Folders train/, valid/ and test/ with annotations next to the images. */
const flatLists = async (folder: string): Promise<Lists> => {
  const lists: Lists = {};
  for (const { name, kind } of await entriesOf(folder)) {
    const use = kind === "folder" ? partUse(name) : undefined;
    if (!use || lists[use]) continue;
    const inside = join(folder, name);
    if ((await entriesOf(inside)).some(isXml)) lists[use] = { folder: inside, list: undefined };
    else if (await isVocFolder(inside)) lists[use] = { folder: inside, list: undefined };
  }
  return lists;
};

/**
 * Finds annotations of Pascal VOC: Annotations, JPEGImages and ImageSets/Main, also of several years, or folders train/, valid/ and
 * test/ with an XML file next to each image; undefined if there are none. No annotation is read.
 */
export const findVoc = async (folder: string): Promise<AnnotatedFolder | undefined> => {
  const flat = await flatLists(folder);
  const isFlat = Object.keys(flat).length > 0;
  const folders = isFlat ? [] : await vocFolders(folder);
  if (!isFlat && folders.length === 0) return undefined;
  const all = isFlat ? [flat] : await Promise.all(folders.map(listsIn));
  const everything = all.flatMap((lists) => Object.values(lists));
  const classNames = () => readVocClasses(folder, everything);
  const parts: Partial<Record<PartUse, PartSource>> = {};
  for (const use of ["train", "val", "test"] as const) {
    const lists = all.flatMap((each) => each[use] ?? []);
    if (lists.length === 0) continue;
    const where = lists.map((each) => each.list ?? each.folder).join(", ");
    parts[use] = { where, read: async () => readVocPart(lists, folder, await classNames()) };
  }
  return { format: "Pascal VOC", folder, parts };
};
