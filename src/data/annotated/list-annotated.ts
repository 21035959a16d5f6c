import { createHash } from "node:crypto";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { shownNames } from "../../base/shown-names.js";
import { visibleText } from "../../base/visible-text.js";
import { areNumbered, className } from "../class-names.js";
import type { ImageFolderOptions } from "../image-folders/image-folder-options.js";
import type { ImageFolderParts } from "../image-folders/listing/list-parts.js";
import type { PartUse } from "../image-folders/listing/part-words.js";
import type { AnnotatedFolder, AnnotatedImage, PartSource } from "./annotated-images.js";
import { checkBoxes, tallyText } from "./box-tally.js";
import { findAnnotated } from "./find-annotated.js";

/** The images of a part with the names of their classes. */
export interface AnnotatedList {
  /** The file or folder that lists them. */
  readonly where: string;
  readonly classNames: readonly string[];
  readonly images: readonly AnnotatedImage[];
}

/** The training and test images of a folder; training images are not listed if only test images are wanted. */
export interface AnnotatedLists {
  readonly train: AnnotatedList | undefined;
  readonly test: AnnotatedList;
}

type Options = Pick<ImageFolderOptions, "notify" | "netDataSet" | "maxDamaged">;

const PART_NAMES: Readonly<Record<PartUse, string>> = {
  train: "training",
  val: "validation",
  test: "test",
};

const MISSING_TEST: Readonly<Record<AnnotatedFolder["format"], string>> = {
  COCO: "annotations/instances_val.json",
  "Pascal VOC": "ImageSets/Main/val.txt or test.txt",
  YOLO: "images/val with labels/val",
};
const MISSING_TRAIN: Readonly<Record<AnnotatedFolder["format"], string>> = {
  COCO: "annotations/instances_train.json",
  "Pascal VOC": "ImageSets/Main/train.txt",
  YOLO: "images/train with labels/train",
};

const foundFolder = async (directory: string): Promise<AnnotatedFolder> => {
  const found = await findAnnotated(directory);
  if (found) return found;
  throw usageError(
    `There are no images with boxes in ${visibleText(directory)}.`,
    `Set ${option("data")} to a folder with annotations of COCO (annotations/instances_train.json), Pascal VOC (Annotations, ImageSets) or YOLO (data.yaml), see docs/detection.md.`,
  );
};

/** The parts to read; validation images go before test images. @throws QpruneError (usage) if one is missing. */
const chosenParts = (
  { format, folder, parts }: AnnotatedFolder,
  wanted: ImageFolderParts["parts"],
): { readonly train: PartSource | undefined; readonly test: PartSource } => {
  const test = parts.val ?? parts.test;
  const place = visibleText(folder);
  if (!test) {
    throw usageError(
      `${place} has ${format} annotations, but no part for testing: expected ${MISSING_TEST[format]}.`,
      "Move some of the training images and their annotations into such a part.",
    );
  }
  if (wanted === "test only") return { train: undefined, test };
  if (!parts.train) {
    throw usageError(
      `${place} has ${format} annotations, but no part for training: expected ${MISSING_TRAIN[format]}.`,
      "Add the training images and their annotations.",
    );
  }
  return { train: parts.train, test };
};

/** The images with the numbers of classes in another order. @throws QpruneError (usage) for an object of another class. */
const inOrderOf = (
  list: AnnotatedList,
  classNames: readonly string[],
  whose: string,
): AnnotatedList => {
  const labels = new Map(classNames.map((name, label) => [className(name), label]));
  const own = list.classNames.map((name) => labels.get(className(name)));
  const used = new Set(list.images.flatMap(({ objects }) => objects.map(({ label }) => label)));
  const unknown = list.classNames.filter((_, label) => used.has(label) && own[label] === undefined);
  if (unknown.length > 0) {
    throw usageError(
      `${visibleText(list.where)} has objects of ${shownNames(unknown)}, but ${whose} has the classes ${shownNames(classNames)}.`,
      "Remove these objects, or use annotations with the same classes.",
    );
  }
  const images = list.images.map((image) => ({
    ...image,
    objects: image.objects.map((box) => ({ ...box, label: own[box.label] as number })),
  }));
  return { ...list, classNames, images };
};

const readPart = async (
  source: PartSource,
  use: "train" | "test",
  format: AnnotatedFolder["format"],
  options: Options,
): Promise<AnnotatedList> => {
  const { images, tally, notes, classNames } = await source.read();
  const { where } = source;
  checkBoxes(tally, where, options);
  const more = notes.map((note) => `; ${note}`).join("");
  options.notify(
    `${images.length} ${PART_NAMES[use]} images with ${tallyText(tally)} in ${visibleText(where)} (${format})${more}.`,
  );
  return { where, classNames, images };
};

/**
 * Lists the training and test images of a folder with annotations, with their boxes. If `netDataSet` names a net's classes, labels are
 * those of the net.
 * @throws QpruneError that names the file and the line or entry; (usage) if a part is missing.
 */
export const listAnnotated = async (
  { directory, parts }: Pick<ImageFolderParts, "directory" | "parts">,
  options: Options,
): Promise<AnnotatedLists> => {
  const found = await foundFolder(directory);
  const chosen = chosenParts(found, parts);
  const train = chosen.train && (await readPart(chosen.train, "train", found.format, options));
  const test = await readPart(chosen.test, "test", found.format, options);
  const names = options.netDataSet?.classNames;
  if (names && !areNumbered(names)) {
    return {
      train: train && inOrderOf(train, names, "the net"),
      test: inOrderOf(test, names, "the net"),
    };
  }
  return { train, test: train ? inOrderOf(test, train.classNames, train.where) : test };
};

const identityOf = ({ name, objects }: AnnotatedImage): string =>
  `${name}\0${JSON.stringify(objects)}`;

/** SHA-256 of the names and boxes of all images, and of what `more` gives for each. */
export const annotationsDigest = async (
  lists: readonly (Pick<AnnotatedList, "images"> | undefined)[],
  more: (image: AnnotatedImage, index: number, list: number) => string | Promise<string>,
): Promise<string> => {
  const hash = createHash("sha256");
  for (const [list, each] of lists.entries()) {
    for (const [index, image] of (each?.images ?? []).entries())
      hash.update(`${identityOf(image)}\0${await more(image, index, list)}\n`);
    hash.update("\n");
  }
  return hash.digest("hex");
};
