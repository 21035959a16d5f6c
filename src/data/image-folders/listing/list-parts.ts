import { basename } from "node:path";
import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { areNumbered } from "../../class-names.js";
import type { ImageFolderOptions } from "../image-folder-options.js";
import { type ImageLayout, imageLayout } from "./image-layout.js";
import { type ImageList, listImages } from "./list-images.js";
import { orderClasses } from "./order-classes.js";
import { splitForTest, TEST_SHARE } from "./split-for-test.js";

/** Which images of a folder are read. */
export interface ImageFolderParts {
  readonly directory: string;
  readonly trainLimit: number;
  readonly testLimit: number;
  readonly parts: "train and test" | "test only";
}

/** The training and test images of a folder; training images are not listed if only test images are wanted. */
export interface ImageLists {
  readonly train: ImageList | undefined;
  readonly test: ImageList;
}

type Parts = Extract<ImageLayout, { kind: "parts" }>;

/** @throws QpruneError (usage) that names the missing part and the existing folders. */
const checkParts = (
  { train, test, unused }: Parts,
  { directory, parts }: ImageFolderParts,
): void => {
  const place = visibleText(directory);
  const others = unused.length > 0 ? ` (it also has ${shownNames(unused)})` : "";
  if (train !== undefined && test === undefined) {
    const path = visibleText(train);
    throw usageError(
      `${place} has ${basename(train)}/, but no folder for testing${others}: expected val/, valid/, validation/, test/ or testing/.`,
      `Put test images under ${place}/val, or read ${path} alone: some of its images are then held out for testing.`,
      { code: "no-test-images", details: { folder: place, train: path } },
    );
  }
  if (train === undefined && parts === "train and test") {
    throw usageError(
      `${place} has ${basename(test ?? "")}/, but no folder for training${others}: expected train/ or training/.`,
      `Put training images under ${place}/train.`,
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
      `Not used in ${visibleText(where.directory)}: ${shownNames(unused)}. The test images are those in ${basename(test)}/.`,
    );
  }
  const testList = await listImages(test);
  if (where.parts === "test only" || train === undefined) {
    return { train: undefined, test: testList };
  }
  const trainList = await listImages(train);
  return { train: trainList, test: orderClasses(testList, trainList.classNames, trainList.folder) };
};

const inOrderOfNet = ({ train, test }: ImageLists, classNames: readonly string[]): ImageLists => ({
  train: train && orderClasses(train, classNames, "the net"),
  test: orderClasses(test, classNames, "the net"),
});

const listPlain = async (
  folder: string,
  { parts }: ImageFolderParts,
  { notify }: Pick<ImageFolderOptions, "notify">,
): Promise<ImageLists> => {
  const { train, test } = splitForTest(await listImages(folder));
  const count = test.byClass.reduce((sum, images) => sum + images.length, 0);
  notify(
    `${visibleText(folder)} has no test folder: ${count} of its images (${TEST_SHARE * 100}% of each class, chosen by a hash of their names) are held out for testing.`,
  );
  return { train: parts === "test only" ? undefined : train, test };
};

/**
 * Lists the training and test files of a folder; a plain folder is split. If `netDataSet` names a net's classes, they
 * come in its order.
 * @throws QpruneError (usage) if the folders are not laid out as classes.
 */
export const listFolder = async (
  where: ImageFolderParts,
  options: Pick<ImageFolderOptions, "notify" | "netDataSet">,
): Promise<ImageLists> => {
  const layout = await imageLayout(where.directory);
  const lists =
    layout.kind === "parts"
      ? await listParts(layout, where, options)
      : await listPlain(layout.folder, where, options);
  const names = options.netDataSet?.classNames;
  return names && !areNumbered(names) ? inOrderOfNet(lists, names) : lists;
};
