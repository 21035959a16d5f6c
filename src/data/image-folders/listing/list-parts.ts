import { usageError } from "../../../core/errors.js";
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

const listParts = async (
  layout: Extract<ImageLayout, { kind: "parts" }>,
  { directory, parts }: ImageFolderParts,
): Promise<ImageLists> => {
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
    `${folder} has no test part: ${count} of its images (${TEST_SHARE * 100}% of each class, by a hash of their names) are for testing alone.`,
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
      ? await listParts(layout, where)
      : await listPlain(layout.folder, where, options);
  return options.told ? inOrderOfNet(lists, options.told.classNames) : lists;
};
