import { stat } from "node:fs/promises";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { quoted } from "../../../base/visible-text.js";
import { exists } from "../../../files/reading/exists.js";
import type { AnnotatedImage, PartSource } from "../annotated-images.js";
import { createBoxCollector } from "../box-tally.js";
import { listImageFiles } from "../list-image-files.js";
import { annotationError, readAnnotations } from "../read-annotations.js";
import { readYoloLabels } from "./read-yolo-labels.js";
import type { YoloConfig } from "./yolo-config.js";

/** A list of a million paths of 200 bytes. */
const MAX_LIST_BYTES = 200 * 1024 * 1024;
/** Label files that are read at the same time. */
const CONCURRENT_FILES = 32;

/** Where the images of a part are. */
export interface YoloPart {
  readonly folder: string;
  readonly config: YoloConfig;
  readonly configPath: string;
  /** Folders or lists that data.yaml names. */
  readonly named: readonly string[];
  /** A folder with the name of the part. */
  readonly byLayout: string | undefined;
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Paths that a place in data.yaml may mean: from its `path`, from its folder, and below it for ../train/images. */
const meantBy = (place: string, { folder, config: { root } }: YoloPart): string[] => {
  const inside = place.replace(/^(?:\.\.[\\/])+/, "");
  const roots = root === undefined ? [folder] : [resolve(folder, root), folder];
  return [...roots.map((each) => resolve(each, place)), join(folder, inside)];
};

const pathOf = async (place: string, part: YoloPart): Promise<string> => {
  for (const path of meantBy(place, part)) if (await exists(path)) return path;
  if (part.byLayout !== undefined) return part.byLayout;
  throw annotationError(
    part.configPath,
    `there is no ${quoted(place)}`,
    "Correct the path of the images.",
  );
};

/** The images of a text file with a path per line, from its folder. */
const listedImages = async (path: string): Promise<string[]> => {
  const text = await readAnnotations(path, MAX_LIST_BYTES);
  const lines = text.split("\n").map((line) => line.trim());
  const seen = new Set<string>();
  return lines.flatMap((line, index) => {
    if (line === "") return [];
    if (seen.has(line))
      throw annotationError(path, `${quoted(line)} is listed twice`, "Remove one.", index + 1);
    seen.add(line);
    return [resolve(dirname(path), line)];
  });
};

const imagesOf = async (path: string): Promise<string[]> => {
  if (!(await isFolder(path))) return listedImages(path);
  return (await listImageFiles(path)).map((name) => join(path, name));
};

/** The label file of an image: in labels/ instead of the last images/ of its path, or next to it. */
const labelPath = (image: string): string => {
  const folders = image.slice(0, image.length - extname(image).length).split(sep);
  const last = folders.lastIndexOf("images", folders.length - 2);
  if (last >= 0) folders[last] = "labels";
  return `${folders.join(sep)}.txt`;
};

const nameOf = (image: string, folder: string): string =>
  relative(resolve(folder), image).split(sep).join("/");

/**
 * Reads the images of a part and the label file of each. Images without one have no objects.
 * @throws QpruneError with file and line for damaged labels, and if no image has a label file.
 */
export const readYoloPart = async (part: YoloPart): ReturnType<PartSource["read"]> => {
  const { folder, config, byLayout, named } = part;
  const places = await Promise.all(named.map((place) => pathOf(place, part)));
  const roots = places.length > 0 ? places : [byLayout ?? folder];
  const paths = (await Promise.all(roots.map(imagesOf))).flat().map((path) => resolve(path));
  const boxes = createBoxCollector();
  const images: AnnotatedImage[] = [];
  let [unlabeled, repeated] = [0, 0];
  const readOne = async (path: string): Promise<AnnotatedImage> => {
    const labels = labelPath(path);
    const name = nameOf(path, folder);
    if (!(await exists(labels))) {
      unlabeled++;
      return { name, path, objects: [] };
    }
    const found = await readYoloLabels(labels, config.classNames.length, boxes);
    repeated += found.repeated;
    return { name, path, objects: found.objects };
  };
  for (let start = 0; start < paths.length; start += CONCURRENT_FILES) {
    images.push(...(await Promise.all(paths.slice(start, start + CONCURRENT_FILES).map(readOne))));
  }
  if (paths.length === 0 || unlabeled === paths.length) {
    const [first = roots[0] ?? folder] = paths;
    const problem = paths.length === 0 ? "it has no images" : "none of its images has a label file";
    throw annotationError(
      roots.join(", "),
      problem,
      paths.length === 0
        ? "Check the folder."
        : `Put the labels of ${first} into ${labelPath(first)}.`,
    );
  }
  const notes = [
    ...(unlabeled > 0 ? [`${unlabeled} of its images have no label file, and so no objects`] : []),
    ...(repeated > 0 ? [`${repeated} repeated lines in label files count once`] : []),
  ];
  const tally = boxes.tally();
  return { images, tally, notes, classNames: config.classNames };
};
