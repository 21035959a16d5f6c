import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { LabeledBox } from "../../boxes/box.js";
import { createImageSet } from "../create-image-set.js";
import { type DataSet, type DataSetInfo, type ImageSet, OWN_BOXES } from "../data-set.js";
import { channelStatistics } from "../image-folders/channel-statistics.js";
import type { ImageEntry } from "../image-folders/decoding/decode-all.js";
import type { ImageView } from "../image-folders/decoding/image-view.js";
import { excludeDamaged } from "../image-folders/exclude-damaged.js";
import type { ImageFolderOptions } from "../image-folders/image-folder-options.js";
import type { ImageFolderParts } from "../image-folders/listing/list-parts.js";
import { augmentationOf, RESIZED_MARGIN } from "../image-folders/load-image-folders.js";
import { loadImages } from "../image-folders/load-images.js";
import type { AnnotatedImage } from "./annotated-images.js";
import { type AnnotatedList, annotationsDigest, listAnnotated } from "./list-annotated.js";

/** The default side of images with boxes: a multiple of the largest stride of detectors, in which small objects remain visible. */
export const DEFAULT_BOXES_SIZE = 320;

/** The aspect ratio of an image may differ this much from that of its annotations: it was scaled to whole pixels. */
const MAX_RATIO_CHANGE = 0.02;

/** At most `limit` images, chosen by a hash of their names, so that they are a fair sample; in their order. */
const limited = (images: readonly AnnotatedImage[], limit: number): readonly AnnotatedImage[] => {
  if (images.length <= limit) return images;
  const rank = ({ name }: AnnotatedImage): string =>
    createHash("sha256").update(name).digest("hex");
  const ranked = images.map((image, index) => ({ index, rank: rank(image) }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const chosen = ranked.slice(0, limit).map(({ index }) => index);
  return chosen.sort((a, b) => a - b).map((index) => images[index] as AnnotatedImage);
};

/** An image whose annotations were made for another one counts as damaged. */
const checkedEntry = (entry: ImageEntry, { ratio }: AnnotatedImage): ImageEntry => {
  if ("damage" in entry || ratio === undefined) return entry;
  const differs = (one: number): boolean => Math.abs(one / ratio - 1) > MAX_RATIO_CHANGE;
  if (!differs(entry.ratio)) return entry;
  const isTurned = !differs(1 / entry.ratio);
  return {
    damage: `its annotations are for an image with another aspect ratio (${ratio.toFixed(3)} instead of ${entry.ratio.toFixed(3)})${isTurned ? ": it is rotated by its EXIF tag, but they are not" : ""}`,
  };
};

/** Boxes in pixels of a square. */
const inSquare = (objects: readonly LabeledBox[], side: number): readonly LabeledBox[] =>
  objects.map(({ left, top, width, height, area, ...rest }) => ({
    ...rest,
    left: left * side,
    top: top * side,
    width: width * side,
    height: height * side,
    ...(area !== undefined && { area: area * side ** 2 }),
  }));

/** The images of a part, decoded. */
interface LoadedPart {
  readonly list: AnnotatedList;
  readonly set: ImageSet;
  readonly entries: readonly ImageEntry[];
}

const loadPart = async (
  use: "training" | "test",
  list: AnnotatedList,
  view: ImageView,
  { side, options }: { readonly side: number; readonly options: ImageFolderOptions },
): Promise<LoadedPart> => {
  const files = list.images.map(({ name, path }) => ({ name, path, label: 0 }));
  const loaded = await loadImages(files, view, options);
  const entries = loaded.entries.map((entry, index) =>
    checkedEntry(entry, list.images[index] as AnnotatedImage),
  );
  const where = `${use} images in ${list.where}`;
  const set = excludeDamaged(files, [], where, view, { ...loaded, entries }, options);
  const boxes = list.images.map(({ objects }) => inSquare(objects, side));
  const kept = set.places ? Array.from(set.places, (place) => boxes[place] ?? []) : boxes;
  // The net sees whole images as squares, so the squares are what crops are drawn from.
  const squeezed =
    view.side === side
      ? undefined
      : { side: view.side, ratios: new Float32Array(set.count).fill(1) };
  return { list, set: { ...set, boxes: kept, squeezed }, entries };
};

/**
 * Reads images with boxes, annotated in the formats of COCO, Pascal VOC or YOLO. Images are squeezed into squares, and their boxes with
 * them. Damaged images and boxes are reported and left out.
 * @throws QpruneError that names the file and the line or entry; (usage) if there are no annotations, or no part for testing.
 */
export const loadAnnotated = async (
  where: ImageFolderParts,
  options: ImageFolderOptions,
): Promise<DataSet> => {
  const { netDataSet, preparation, crop } = options;
  const side = netDataSet?.height ?? options.imageSize;
  const lists = await listAnnotated(where, options);
  const view = (margin: number): ImageView => ({
    kind: "squeezed",
    side: Math.round(side * margin),
  });
  const sized = { side, options };
  const cut = (list: AnnotatedList, limit: number): AnnotatedList => ({
    ...list,
    images: limited(list.images, limit),
  });
  const trainView = view(crop === "padded" ? 1 : RESIZED_MARGIN);
  const train =
    lists.train &&
    (await loadPart("training", cut(lists.train, where.trainLimit), trainView, sized));
  const test = await loadPart("test", cut(lists.test, where.testLimit), view(1), sized);
  const measured = train ? { set: train.set, side: trainView.side } : { set: test.set, side };
  const info: DataSetInfo = {
    ...(netDataSet ?? {
      name: OWN_BOXES,
      channels: 3,
      height: side,
      width: side,
      ...(preparation ?? channelStatistics(measured.set, measured.side)),
      augmentation: augmentationOf(options),
      classNames: [],
    }),
    hasBoxes: true,
    classNames: lists.test.classNames,
  };
  const parts = [train, test];
  const fingerprint = await annotationsDigest(
    parts.map((part) => part?.list),
    (_, index, part) => {
      const entry = parts[part]?.entries[index];
      return entry && "digest" in entry ? entry.digest : "damaged";
    },
  );
  return { info, train: train?.set ?? createImageSet(0, 0), test: test.set, fingerprint };
};

/**
 * SHA-256 of the annotations in a folder, and of the sizes and modification times of its images. No image is read.
 * @throws QpruneError that names the file and the line or entry; (usage) if there are no annotations, or no part for testing.
 */
export const annotatedFolderDigest = async (
  where: Pick<ImageFolderParts, "directory" | "parts">,
): Promise<string> => {
  const { train, test } = await listAnnotated(where, { notify: () => {}, maxDamaged: 1 });
  return annotationsDigest([train, test], ({ path }) =>
    stat(path).then(
      ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
      () => "missing",
    ),
  );
};
