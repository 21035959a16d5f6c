import { createImageSet } from "../create-image-set.js";
import type { DataSet, DataSetInfo } from "../data-set.js";
import { channelStatistics } from "./channel-statistics.js";
import type { ImageView } from "./decoding/decode-image.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import { fingerprintOf, loadPart } from "./image-part.js";
import { type ImageFolderParts, listFolder } from "./listing/list-parts.js";

/** The least part of an image that a resized crop shows, and how far its proportions go from 1. */
const RESIZED_CROP = { minArea: 0.25, maxRatio: 4 / 3 } as const;
/** Images for resized crops are kept larger than the net sees them, since parts of them are stretched. */
const RESIZED_MARGIN = 1.25;
/** CIFAR frames images of 32 pixels with 4. */
const PADDING_SHARE = 1 / 8;

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
  const lists = await listFolder(where, options);
  const trainView: ImageView =
    crop === "padded"
      ? { kind: "middle", side: imageSize }
      : { kind: "squeezed", side: Math.round(imageSize * RESIZED_MARGIN) };
  const train =
    lists.train && (await loadPart("training", lists.train, where.trainLimit, trainView, options));
  const testView: ImageView = { kind: "middle", side: imageSize };
  const test = await loadPart("test", lists.test, where.testLimit, testView, options);
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
