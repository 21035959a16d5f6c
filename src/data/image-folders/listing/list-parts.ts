import { basename } from "node:path";
import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import type { ImageFolderOptions } from "../image-folder-options.js";
import { type ImageLayout, imageLayout } from "./image-layout.js";
import { inOrderOf } from "./in-order-of.js";
import { type ImageList, listImages } from "./list-images.js";
import { splitForTest, TEST_SHARE } from "./split-for-test.js";

/** Which images of a folder are read. */
export interface ImageFolderParts {
  readonly directory: string;
  readonly trainLimit: number;
  readonly testLimit: number;
  readonly parts: "train and test" | "test only";
}

/** Both parts of a folder; training images are not even listed where only tests are made. */
export interface ImageLists {
  readonly train: ImageList | undefined;
  readonly test: ImageList;
}

type Parts = Extract<ImageLayout, { kind: "parts" }>;

/** @throws QpruneError (usage) naming the part that is missing, and the folders that are there instead. */
const checkParts = (
  { train, test, unused }: Parts,
  { directory, parts }: ImageFolderParts,
): void => {
  const place = visibleText(directory);
  const others = unused.length > 0 ? ` (there also: ${shownNames(unused)})` : "";
  if (train !== undefined && test === undefined) {
    throw usageError(
      `${place} has ${basename(train)}/, but no folder for testing${others}: expected val/, valid/, validation/, test/ or testing/.`,
      `Put images to test on under ${place}/val, or give ${visibleText(train)} as --data: then a share of it is kept for testing.`,
    );
  }
  if (train === undefined && parts === "train and test") {
    throw usageError(
      `${place} has ${basename(test ?? "")}/, but no folder for training${others}: expected train/ or training/.`,
      `Put images to train on under ${place}/train.`,
    );
  }
};

const listParts = async (
  layout: Parts,
  where: ImageFolderParts,
  { notify }: Pick<ImageFolderOptions, "notify">,
): Promise<ImageLists> => {
  checkParts(layout, where);
  const { train, test = "", unused } = layout;
  if (unused.length > 0) {
    notify(
      `Not used of ${visibleText(where.directory)}: ${shownNames(unused)}. Tests are made on ${basename(test)}/.`,
    );
  }
  const tested = await listImages(test);
  if (where.parts === "test only" || train === undefined) return { train: undefined, test: tested };
  const trained = await listImages(train);
  return { train: trained, test: inOrderOf(tested, trained.classNames, trained.folder) };
};

const inOrderOfNet = ({ train, test }: ImageLists, classNames: readonly string[]): ImageLists => ({
  train: train && inOrderOf(train, classNames, "the net"),
  test: inOrderOf(test, classNames, "the net"),
});

const listPlain = async (
  folder: string,
  { parts }: ImageFolderParts,
  { notify }: Pick<ImageFolderOptions, "notify">,
): Promise<ImageLists> => {
  const { train, test } = splitForTest(await listImages(folder));
  const count = test.byClass.reduce((sum, images) => sum + images.length, 0);
  notify(
    `${visibleText(folder)} has no test part: ${count} of its images (${TEST_SHARE * 100}% of each class, by a hash of their names) are for testing alone.`,
  );
  return { train: parts === "test only" ? undefined : train, test };
};

/**
 * Lists the files of both parts of a folder; a plain one is split. The classes come in the order of the net's file,
 * if one is told of.
 * @throws QpruneError (usage) where the folders are not as they should be.
 */
export const listFolder = async (
  where: ImageFolderParts,
  options: Pick<ImageFolderOptions, "notify" | "told">,
): Promise<ImageLists> => {
  const layout = await imageLayout(where.directory);
  const lists =
    layout.kind === "parts"
      ? await listParts(layout, where, options)
      : await listPlain(layout.folder, where, options);
  return options.told ? inOrderOfNet(lists, options.told.classNames) : lists;
};
