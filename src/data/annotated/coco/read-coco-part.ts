import { basename, dirname, isAbsolute, join } from "node:path";
import { shownNames } from "../../../base/shown-names.js";
import { quoted } from "../../../base/visible-text.js";
import type { LabeledBox } from "../../../boxes/box.js";
import { exists } from "../../../files/reading/exists.js";
import { type PartUse, partInName } from "../../image-folders/listing/part-words.js";
import { readEntries } from "../../image-folders/listing/read-entries.js";
import type { PartSource } from "../annotated-images.js";
import { createBoxCollector } from "../box-tally.js";
import { annotationError } from "../read-annotations.js";
import { type CocoFile, readCoco } from "./read-coco.js";

/** Boxes may overshoot the image by a pixel. */
const ROUNDING = 1;
/** Images that are looked for to find their folder. */
const TRIED_IMAGES = 5;

/** Subfolders of a part: train2017 for instances_train2017.json, or any whose name is that of the part. */
const partFolders = async (folder: string, jsonName: string, use: PartUse): Promise<string[]> => {
  const entries = await readEntries(folder).catch(() => []);
  return entries
    .filter(({ kind }) => kind === "folder")
    .map(({ name }) => name)
    .filter((name) => partInName(name) === use)
    .sort((a, b) => Number(jsonName.includes(b)) - Number(jsonName.includes(a)))
    .map((name) => join(folder, name));
};

const isInside = (name: string): boolean =>
  !isAbsolute(name) && !/^[a-z]:/i.test(name) && !name.split(/[\\/]/).includes("..");

/** The folder from which the names of a file lead to images. @throws QpruneError if there is none. */
const imageFolder = async (
  names: readonly string[],
  places: readonly string[],
  path: string,
): Promise<string> => {
  for (const name of names.slice(0, TRIED_IMAGES)) {
    for (const place of places) if (await exists(join(place, name))) return place;
  }
  throw annotationError(
    path,
    `its images are missing: there is no ${quoted(names[0] ?? "")} in ${shownNames([...new Set(places)], places.length)}`,
    "Put the images there, or correct file_name.",
  );
};

const imagePlaces = async (folder: string, use: PartUse, path: string): Promise<string[]> => {
  const images = join(folder, "images");
  const jsonName = basename(path);
  return [
    ...(await partFolders(images, jsonName, use)),
    ...(await partFolders(folder, jsonName, use)),
    images,
    dirname(path),
    folder,
  ];
};

/** The annotations of each image. */
const byImage = ({
  annotations,
}: CocoFile): Map<string | number, CocoFile["annotations"][number][]> => {
  const groups = new Map<string | number, CocoFile["annotations"][number][]>();
  for (const annotation of annotations) {
    const group = groups.get(annotation.image_id);
    if (group) group.push(annotation);
    else groups.set(annotation.image_id, [annotation]);
  }
  return groups;
};

const boxOf = (
  { bbox: [left, top, width, height], area, iscrowd }: CocoFile["annotations"][number],
  label: number,
): LabeledBox => ({
  label,
  left,
  top,
  width,
  height,
  ...(area !== undefined && area > 0 && { area }),
  ...(iscrowd && { isCrowd: true }),
});

/**
 * Reads the images that a COCO file lists, in its order. They are in a folder with the name of the part, in images/, or next to the
 * file.
 * @throws QpruneError that names the file and the entry.
 */
export const readCocoPart = async (
  path: string,
  folder: string,
  use: PartUse,
): ReturnType<PartSource["read"]> => {
  const file = await readCoco(path);
  const outside = file.images.find(({ file_name: name }) => !isInside(name));
  if (outside) {
    const problem = `${quoted(outside.file_name)} is not a path below the folder of the images`;
    throw annotationError(path, problem, "Correct file_name.", `image ${outside.id}`);
  }
  const places = await imagePlaces(folder, use, path);
  const names = file.images.map(({ file_name: name }) => name);
  const place = await imageFolder(names, places, path);
  const labels = new Map(file.categories.map(({ id }, label) => [id, label]));
  const groups = byImage(file);
  const boxes = createBoxCollector();
  const images = file.images.map(({ id, file_name: name, width, height }) => ({
    name,
    path: join(place, name),
    ratio: width / height,
    objects: (groups.get(id) ?? []).flatMap((annotation) =>
      boxes.add(
        boxOf(annotation, labels.get(annotation.category_id) as number),
        { width, height, rounding: ROUNDING },
        `annotation ${annotation.id} (${name})`,
      ),
    ),
  }));
  const classNames = file.categories.map(({ name }) => name);
  return { images, tally: boxes.tally(), notes: [], classNames };
};
