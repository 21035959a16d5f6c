import { join, relative, sep } from "node:path";
import { shownNames } from "../../../base/shown-names.js";
import { quoted } from "../../../base/visible-text.js";
import { exists } from "../../../files/reading/exists.js";
import { readImageSides } from "../../image-folders/decoding/read-image-sides.js";
import { isImageName } from "../../image-folders/listing/image-names.js";
import { readEntries } from "../../image-folders/listing/read-entries.js";
import type { AnnotatedImage, PartSource } from "../annotated-images.js";
import { type BoxCollector, createBoxCollector } from "../box-tally.js";
import { readClassList } from "../class-list.js";
import { annotationError, readAnnotations } from "../read-annotations.js";
import { parseVoc, type VocFile, type VocObject } from "./parse-voc.js";

/** The annotation of one image with hundreds of objects is smaller. */
const MAX_XML_BYTES = 16 * 1024 * 1024;
/** A list of a million names. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** Annotations that are read at the same time. */
const CONCURRENT_FILES = 32;
/** Boxes may overshoot the image by a pixel: some tools count from 0. */
const ROUNDING = 1;
/** Files that list classes, which are otherwise those of the objects. */
const CLASS_LISTS = ["classes.txt", "labels.txt"];

/** The images of a part: those of a list, or all in a folder. */
export interface VocList {
  readonly folder: string;
  readonly list: string | undefined;
}

/** The names of a list without extensions; a second column is ignored, as the challenge's lists of a class have one. */
const listedNames = async (path: string): Promise<{ name: string; line: number }[]> => {
  const lines = (await readAnnotations(path, MAX_LIST_BYTES)).split("\n");
  const seen = new Set<string>();
  const names = lines.flatMap((text, index) => {
    const [name = ""] = text.trim().split(/\s+/);
    if (name === "") return [];
    const line = index + 1;
    if (seen.has(name))
      throw annotationError(path, `${quoted(name)} is listed twice`, "Remove one.", line);
    if (name.split(/[\\/]/).includes(".."))
      throw annotationError(
        path,
        `${quoted(name)} is not the name of an image`,
        "Correct it.",
        line,
      );
    seen.add(name);
    return [{ name, line }];
  });
  if (names.length === 0) throw annotationError(path, "it is empty", "List the names of images.");
  return names;
};

const stemOf = (name: string): string => name.replace(/\.[^.]+$/, "");

const namesIn = async (folder: string): Promise<string[]> =>
  (await readEntries(folder).catch(() => [])).map(({ name }) => name);

/** The annotation files and images of a list, by the names without extensions. */
interface VocFiles {
  readonly annotations: readonly { readonly stem: string; readonly path: string }[];
  readonly images: ReadonlyMap<string, string>;
}

const filesOf = async ({ folder, list }: VocList): Promise<VocFiles> => {
  const own = join(folder, "Annotations");
  const place = (await exists(own)) ? own : folder;
  const imagePlace = place === own ? join(folder, "JPEGImages") : folder;
  const images = new Map(
    (await namesIn(imagePlace))
      .filter(isImageName)
      .map((name) => [stemOf(name), join(imagePlace, name)]),
  );
  if (list === undefined) {
    const files = (await namesIn(place)).filter((name) => name.toLowerCase().endsWith(".xml"));
    const annotations = files.map((name) => ({ stem: stemOf(name), path: join(place, name) }));
    return { annotations, images };
  }
  const annotations = [];
  for (const { name, line } of await listedNames(list)) {
    const path = join(place, `${name}.xml`);
    if (!(await exists(path)))
      throw annotationError(list, `there is no ${path}`, "Add it, or remove the line.", line);
    annotations.push({ stem: name, path });
  }
  return { annotations, images };
};

const mapInGroups = async <T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += CONCURRENT_FILES)
    results.push(...(await Promise.all(items.slice(start, start + CONCURRENT_FILES).map(call))));
  return results;
};

const readVoc = async (path: string): Promise<VocFile> =>
  parseVoc(await readAnnotations(path, MAX_XML_BYTES), path);

/** The class names of a folder: those of classes.txt, or those of all objects in alphabetical order. */
export const readVocClasses = async (
  folder: string,
  lists: readonly VocList[],
): Promise<readonly string[]> => {
  for (const name of CLASS_LISTS) {
    const path = join(folder, name);
    if (await exists(path)) return readClassList(path);
  }
  const names = new Set<string>();
  for (const list of lists) {
    const { annotations } = await filesOf(list);
    const files = await mapInGroups(annotations, ({ path }) => readVoc(path));
    for (const { objects } of files) for (const { name } of objects) names.add(name);
  }
  return [...names].sort();
};

/** From pixels that count from 1, both included, to edges. */
const boxOf = ({ xmin, ymin, xmax, ymax, isDifficult }: VocObject, label: number) => ({
  label,
  left: xmin - 1,
  top: ymin - 1,
  width: xmax - xmin + 1,
  height: ymax - ymin + 1,
  ...(isDifficult && { isDifficult }),
});

/** What is needed to read the annotation of an image. */
interface VocReading {
  readonly root: string;
  readonly classNames: readonly string[];
  readonly boxes: BoxCollector;
}

const labelOf = (name: string, { classNames }: VocReading, path: string, index: number): number => {
  const label = classNames.indexOf(name);
  if (label >= 0) return label;
  throw annotationError(
    path,
    `the class ${quoted(name)} is not in the list (${shownNames(classNames)})`,
    "Add it to the list of classes, or correct the object.",
    `object ${index + 1}`,
  );
};

const readOne = async (
  { path, stem }: VocFiles["annotations"][number],
  images: VocFiles["images"],
  list: VocList,
  reading: VocReading,
): Promise<AnnotatedImage> => {
  const file = await readVoc(path);
  const imagePath =
    images.get(stem) ??
    images.get(stemOf(file.filename ?? "")) ??
    join(
      list.folder,
      (await exists(join(list.folder, "JPEGImages"))) ? "JPEGImages" : "",
      `${stem}.jpg`,
    );
  const size = file.size ?? (await readImageSides(imagePath));
  const name = relative(reading.root, imagePath).split(sep).join("/");
  // An image that cannot be read is left out later, with the reason.
  const objects = size
    ? file.objects.flatMap((object, index) =>
        reading.boxes.add(
          boxOf(object, labelOf(object.name, reading, path, index)),
          { ...size, rounding: ROUNDING },
          `${path}, object ${index + 1} (${object.name})`,
        ),
      )
    : [];
  return { name, path: imagePath, ratio: size && size.width / size.height, objects };
};

/**
 * Reads the images of lists, and the annotation of each. If an annotation does not contain the size of its image, the image does.
 * @throws QpruneError that names the file and the line or object.
 */
export const readVocPart = async (
  lists: readonly VocList[],
  root: string,
  classNames: readonly string[],
): ReturnType<PartSource["read"]> => {
  const boxes = createBoxCollector();
  const reading = { root, classNames, boxes };
  const images: AnnotatedImage[] = [];
  for (const list of lists) {
    const files = await filesOf(list);
    const read = (each: VocFiles["annotations"][number]) =>
      readOne(each, files.images, list, reading);
    images.push(...(await mapInGroups(files.annotations, read)));
  }
  return { images, tally: boxes.tally(), notes: [], classNames };
};
