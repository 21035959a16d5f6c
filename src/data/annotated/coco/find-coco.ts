import { basename, join } from "node:path";
import { type PartUse, partInName, partUse } from "../../image-folders/listing/part-words.js";
import { type FolderEntry, readEntries } from "../../image-folders/listing/read-entries.js";
import type { AnnotatedFolder } from "../annotated-images.js";
import { beginningOf } from "../read-annotations.js";
import { readCocoPart } from "./read-coco-part.js";

/** Beginning of a file that is searched for the names of COCO's lists. */
const SNIFFED_BYTES = 64 * 1024;
const LISTS = /"(?:images|annotations|categories)"\s*:\s*\[/;
/** Names that only COCO files have. */
const OWN_NAME = /^instances|coco/i;
/** COCO's files about other things than boxes. */
const OTHER_NAME = /^(?:captions|person_keypoints|panoptic|stuff|image_info)_/i;

const isCoco = async (path: string, name: string): Promise<boolean> =>
  OWN_NAME.test(name) || LISTS.test(await beginningOf(path, SNIFFED_BYTES));

const entriesOf = (folder: string): Promise<FolderEntry[]> => readEntries(folder).catch(() => []);

const isJson = ({ name, kind }: FolderEntry): boolean =>
  kind !== "folder" && name.toLowerCase().endsWith(".json") && !OTHER_NAME.test(name);

/** A file with the part that it describes. */
interface Candidate {
  readonly path: string;
  readonly use: PartUse;
}

/** JSON files in a folder with a part in their names, or in that of the folder. */
const candidatesIn = async (folder: string, use?: PartUse): Promise<Candidate[]> => {
  const found: Candidate[] = [];
  for (const { name } of (await entriesOf(folder)).filter(isJson)) {
    const own = partInName(name) ?? use;
    const path = join(folder, name);
    if (own && (await isCoco(path, name))) found.push({ path, use: own });
  }
  return found;
};

/** instances_train2017.json goes before other files of the part. */
const first = (candidates: readonly Candidate[], use: PartUse): Candidate | undefined => {
  const own = candidates.filter((each) => each.use === use);
  return own.find(({ path }) => basename(path).startsWith("instances")) ?? own[0];
};

/**
 * Finds COCO files: `annotations/instances_train2017.json` and the like, in the folder itself too, and
 * `train/_annotations.coco.json`; undefined if there are none. Nothing is parsed.
 */
export const findCoco = async (folder: string): Promise<AnnotatedFolder | undefined> => {
  const candidates = [
    ...(await candidatesIn(join(folder, "annotations"))),
    ...(await candidatesIn(folder)),
  ];
  for (const { name, kind } of await entriesOf(folder)) {
    const use = kind === "folder" ? partUse(name) : undefined;
    if (use) candidates.push(...(await candidatesIn(join(folder, name), use)));
  }
  if (candidates.length === 0) return undefined;
  const sources = (["train", "val", "test"] as const).flatMap((use) => {
    const found = first(candidates, use);
    return found ? [[use, found.path] as const] : [];
  });
  const parts = sources.map(([use, path]) => {
    const read = () => readCocoPart(path, folder, use);
    return [use, { where: path, read }] as const;
  });
  return { format: "COCO", folder, parts: Object.fromEntries(parts) };
};
