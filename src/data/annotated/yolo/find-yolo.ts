import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type PartUse, partUse } from "../../image-folders/listing/part-words.js";
import { type FolderEntry, readEntries } from "../../image-folders/listing/read-entries.js";
import type { AnnotatedFolder, PartSource } from "../annotated-images.js";
import { readClassList } from "../class-list.js";
import { beginningOf } from "../read-annotations.js";
import { readYoloPart } from "./read-yolo-part.js";
import { readYoloConfig, type YoloConfig } from "./yolo-config.js";

/** Beginning of a file that is searched for the names of classes. */
const SNIFFED_BYTES = 64 * 1024;
const NAMES = /^names\s*:/m;
const PLACES = /^(?:train|val|valid|test|path|nc)\s*:/m;
const CLASS_LISTS = ["classes.txt", "obj.names", "labels.txt"];

const entriesOf = (folder: string): Promise<FolderEntry[]> => readEntries(folder).catch(() => []);

const isYaml = ({ name, kind }: FolderEntry): boolean =>
  kind !== "folder" && /\.ya?ml$/i.test(name);

/** data.yaml goes before other files that name classes. */
const configIn = async (folder: string, entries: readonly FolderEntry[]) => {
  const files = entries.filter(isYaml).map(({ name }) => name);
  for (const name of files.sort((a, b) => Number(b === "data.yaml") - Number(a === "data.yaml"))) {
    const path = join(folder, name);
    const text = await beginningOf(path, SNIFFED_BYTES);
    if (NAMES.test(text) && PLACES.test(text)) return path;
  }
  return undefined;
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Subfolders images/train, or train/images, by part. */
const foldersByLayout = async (folder: string): Promise<Partial<Record<PartUse, string>>> => {
  const found: Partial<Record<PartUse, string>> = {};
  for (const { name, kind } of await entriesOf(join(folder, "images"))) {
    const use = kind === "folder" ? partUse(name.replace(/\d+$/, "")) : undefined;
    if (use) found[use] ??= join(folder, "images", name);
  }
  for (const { name, kind } of await entriesOf(folder)) {
    const use = kind === "folder" ? partUse(name) : undefined;
    const images = join(folder, name, "images");
    if (use && (await isFolder(images))) found[use] ??= images;
  }
  return found;
};

/** Whether a folder has label files where YOLO expects them. */
const hasLabels = async (folder: string): Promise<boolean> => {
  if (await isFolder(join(folder, "labels"))) return true;
  for (const { name, kind } of await entriesOf(folder)) {
    const isPart = kind === "folder" && partUse(name) !== undefined;
    if (isPart && (await isFolder(join(folder, name, "labels")))) return true;
  }
  return false;
};

/** What names the classes of a folder, and how to read it. */
interface ClassSource {
  readonly path: string;
  readonly read: () => Promise<YoloConfig>;
}

const NO_PLACES = { train: [], val: [], test: [] };

const classSource = async (folder: string): Promise<ClassSource | undefined> => {
  const entries = await entriesOf(folder);
  const config = await configIn(folder, entries);
  if (config) return { path: config, read: () => readYoloConfig(config) };
  const listed = CLASS_LISTS.map((list) => entries.find(({ name }) => name === list)).find(Boolean);
  if (!listed || !(await hasLabels(folder))) return undefined;
  const path = join(folder, listed.name);
  const read = async () => ({
    classNames: await readClassList(path),
    root: undefined,
    places: NO_PLACES,
  });
  return { path, read };
};

/**
 * Finds images with YOLO's label files: `images/train` and `labels/train`, or `train/images` and `train/labels`, or as data.yaml
 * describes it; undefined if nothing names classes. No label is read.
 * @throws QpruneError if data.yaml is damaged.
 */
export const findYolo = async (folder: string): Promise<AnnotatedFolder | undefined> => {
  const source = await classSource(folder);
  if (!source) return undefined;
  const config = await source.read();
  const byLayout = await foldersByLayout(folder);
  const parts: Partial<Record<PartUse, PartSource>> = {};
  for (const use of ["train", "val", "test"] as const) {
    const named = config.places[use];
    const own = byLayout[use];
    if (named.length === 0 && own === undefined) continue;
    const where = own ?? `${source.path} (${named.join(", ")})`;
    const part = { folder, config, configPath: source.path, named, byLayout: own };
    parts[use] = { where, read: () => readYoloPart(part) };
  }
  return { format: "YOLO", folder, parts };
};
