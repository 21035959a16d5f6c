import { createHash } from "node:crypto";
import { usageError } from "../../core/errors.js";
import { createImageSet } from "../create-image-set.js";
import type { DataSet, DataSetInfo, ImageSet } from "../data-set.js";
import { channelStatistics } from "./channel-statistics.js";
import type { ImageEntry } from "./decode-all.js";
import type { ImageView } from "./decode-image.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import { type ImageLayout, imageLayout } from "./image-layout.js";
import { inOrderOf } from "./in-order-of.js";
import { inTurns } from "./in-turns.js";
import { type ImageList, type ListedImage, listImages } from "./list-images.js";
import { loadImages } from "./load-images.js";
import { splitForTest, TEST_SHARE } from "./split-for-test.js";
import { usableImages } from "./usable-images.js";

/** Which images of a folder are read. */
export interface ImageFolderParts {
  readonly directory: string;
  readonly trainLimit: number;
  readonly testLimit: number;
  readonly parts: "train and test" | "test only";
}

/** The least part of an image that a resized crop shows, and how far its proportions go from 1. */
const RESIZED_CROP = { minArea: 0.25, maxRatio: 4 / 3 } as const;
/** Images for resized crops are kept larger than the net sees them, since parts of them are stretched. */
const RESIZED_MARGIN = 1.25;
/** CIFAR frames images of 32 pixels with 4. */
const PADDING_SHARE = 1 / 8;

/** Both parts of a folder; training images are not even listed where only tests are made. */
interface Lists {
  readonly train: ImageList | undefined;
  readonly test: ImageList;
}

const listParts = async (
  layout: Extract<ImageLayout, { kind: "parts" }>,
  { directory, parts }: ImageFolderParts,
): Promise<Lists> => {
  if (layout.test === undefined) {
    throw usageError(
      `${directory} has train/, but neither val/ nor test/.`,
      `Put images to test on under ${directory}/val, or give ${layout.train} as --data: then a share of it is kept for testing.`,
    );
  }
  const test = await listImages(layout.test);
  if (parts === "test only") return { train: undefined, test };
  const train = await listImages(layout.train);
  return { train, test: inOrderOf(test, train.classNames, train.folder) };
};

const inOrderOfNet = ({ train, test }: Lists, classNames: readonly string[]): Lists => ({
  train: train && inOrderOf(train, classNames, "the net"),
  test: inOrderOf(test, classNames, "the net"),
});

const listPlain = async (
  folder: string,
  { parts }: ImageFolderParts,
  { notify }: ImageFolderOptions,
): Promise<Lists> => {
  const { train, test } = splitForTest(await listImages(folder));
  const count = test.byClass.reduce((sum, images) => sum + images.length, 0);
  notify(
    `${folder} has no test part: ${count} of its images (${TEST_SHARE * 100}% of each class, by a hash of their names) are for testing alone.`,
  );
  return { train: parts === "test only" ? undefined : train, test };
};

const tellOthers = ({ folder, others }: ImageList, notify: (line: string) => void): void => {
  if (others.length === 0) return;
  const named = others.slice(0, 3).join(", ");
  const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
  notify(`No images by their names, left out of ${folder}: ${named}${more}`);
};

/** A part of the images as a set, with what identifies it. */
interface Part {
  readonly set: ImageSet;
  readonly files: readonly ListedImage[];
  readonly entries: readonly ImageEntry[];
}

const loadPart = async (
  list: ImageList,
  limit: number,
  view: ImageView,
  options: ImageFolderOptions,
): Promise<Part> => {
  tellOthers(list, options.notify);
  const files = inTurns(list.byClass, limit);
  const loaded = await loadImages(files, view, options);
  const set = usableImages(files, list.folder, view, loaded, options);
  return { set, files, entries: loaded.entries };
};

/** A hash of names, classes and contents of all files, in their order. */
const fingerprintOf = (parts: readonly (Part | undefined)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) {
    part?.files.forEach(({ name }, at) => {
      const entry = part.entries[at];
      hash.update(`${name}\0${entry && "digest" in entry ? entry.digest : "damaged"}\n`);
    });
    hash.update("\n");
  }
  return hash.digest("hex");
};

const augmentationOf = ({
  crop,
  imageSize,
  mirror,
}: ImageFolderOptions): DataSetInfo["augmentation"] =>
  crop === "padded"
    ? { cropPadding: Math.round(imageSize * PADDING_SHARE), mirror }
    : { cropPadding: 0, mirror, resizedCrop: RESIZED_CROP };

/**
 * Reads folders of images, one a class, under train/ and val/ (or test/) or alone; then a share of each class
 * is kept for testing. Files come in turns of the classes, in the order of their names; damaged ones are told and
 * left out.
 * @throws QpruneError (usage where the folders are not as they should be) naming folder, class or file.
 */
export const loadImageFolders = async (
  where: ImageFolderParts,
  options: ImageFolderOptions,
): Promise<DataSet> => {
  const { told, crop } = options;
  const imageSize = told?.height ?? options.imageSize;
  const layout = await imageLayout(where.directory);
  const found =
    layout.kind === "parts"
      ? await listParts(layout, where)
      : await listPlain(layout.folder, where, options);
  const lists = told ? inOrderOfNet(found, told.classNames) : found;
  const trainView: ImageView =
    crop === "padded"
      ? { kind: "middle", side: imageSize }
      : { kind: "squeezed", side: Math.round(imageSize * RESIZED_MARGIN) };
  const train = lists.train && (await loadPart(lists.train, where.trainLimit, trainView, options));
  const testView: ImageView = { kind: "middle", side: imageSize };
  const test = await loadPart(lists.test, where.testLimit, testView, options);
  const measured = train
    ? { set: train.set, side: trainView.side }
    : { set: test.set, side: imageSize };
  const info: DataSetInfo = told ?? {
    name: "images",
    channels: 3,
    height: imageSize,
    width: imageSize,
    ...channelStatistics(measured.set, measured.side),
    augmentation: augmentationOf(options),
    classNames: lists.test.classNames,
  };
  return {
    info,
    train: train?.set ?? createImageSet(0, 0),
    test: test.set,
    fingerprint: fingerprintOf([train, test]),
  };
};
