import { createImageSet } from "../create-image-set.js";
import { type DataSet, type DataSetInfo, OWN_IMAGES } from "../data-set.js";
import { channelStatistics } from "./channel-statistics.js";
import { type ImageView, viewForNet } from "./decoding/image-view.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import { fingerprintOf, loadPart } from "./image-part.js";
import { type ImageFolderParts, listFolder } from "./listing/list-parts.js";

/** The least share of an image that a resized crop shows, and the largest change of its aspect ratio. */
const RESIZED_CROP = { minArea: 0.25, maxRatio: 4 / 3 } as const;
/** Images for resized crops are stored larger than the net's input, since parts of them are stretched. */
export const RESIZED_MARGIN = 1.25;
/** As for CIFAR, whose images of 32 pixels get a frame of 4. */
const PADDING_SHARE = 1 / 8;

export const augmentationOf = ({
  crop,
  imageSize,
  mirror,
}: ImageFolderOptions): DataSetInfo["augmentation"] =>
  crop === "padded"
    ? { cropPadding: Math.round(imageSize * PADDING_SHARE), mirror }
    : { cropPadding: 0, mirror, resizedCrop: RESIZED_CROP };

/**
 * Reads folders of images, one for each class, either under train/ and val/ (or test/), or alone; then a share of each
 * class is kept for testing. The classes are interleaved, and the files of each class sorted by name. Damaged files are
 * reported and left out.
 * @throws QpruneError that names the folder, class or file; (usage) if the folders are not laid out as classes.
 */
export const loadImageFolders = async (
  where: ImageFolderParts,
  options: ImageFolderOptions,
): Promise<DataSet> => {
  const { netDataSet, preparation, crop } = options;
  const imageSize = netDataSet?.height ?? options.imageSize;
  const lists = await listFolder(where, options);
  const trainView: ImageView =
    crop === "padded"
      ? { kind: "middle", side: imageSize }
      : { kind: "squeezed", side: Math.round(imageSize * RESIZED_MARGIN) };
  const train =
    lists.train && (await loadPart("training", lists.train, where.trainLimit, trainView, options));
  const testView = viewForNet(netDataSet ?? { ...preparation, height: imageSize });
  const test = await loadPart("test", lists.test, where.testLimit, testView, options);
  const measured = train
    ? { set: train.set, side: trainView.side }
    : { set: test.set, side: imageSize };
  const { classNames } = lists.test;
  const info: DataSetInfo = netDataSet
    ? { ...netDataSet, classNames }
    : {
        name: OWN_IMAGES,
        channels: 3,
        height: imageSize,
        width: imageSize,
        ...(preparation ?? channelStatistics(measured.set, measured.side)),
        augmentation: augmentationOf(options),
        classNames,
      };
  return {
    info,
    train: train?.set ?? createImageSet(0, 0),
    test: test.set,
    fingerprint: fingerprintOf([train, test]),
  };
};
