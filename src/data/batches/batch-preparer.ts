import { augmentColors, eraseParts } from "../augmentation/augment-image.js";
import { drawMixShares, mixImages } from "../augmentation/mixup.js";
import { copyTile, drawMosaic } from "../augmentation/mosaic.js";
import type { StrongAugmentation } from "../augmentation/strong-augmentation.js";
import type { DataSetInfo, ImageSet } from "../data-set.js";
import { imageReader } from "../image-reader.js";
import { byteTable, normalizationTable, normalizePixels } from "../normalization-table.js";
import { imageResizer } from "../resizing/resize-image.js";
import { drawAugmentation, NO_AUGMENTATION } from "./augmentation.js";
import { prepareImage } from "./prepare-image.js";
import { resampleImage } from "./resample-image.js";
import { drawResizedCrop, middleSquare } from "./resized-crop.js";

/** The images and how they are prepared: what a worker thread receives once, at its start. */
export interface BatchSource
  extends Pick<ImageSet, "images" | "file" | "places" | "squeezed" | "storedSide"> {
  readonly info: DataSetInfo;
  /** Only training images are augmented. */
  readonly mode: "train" | "evaluate";
  readonly seed: number;
  /** Augmentation of training images beyond that of `info`. */
  readonly strong?: StrongAugmentation | undefined;
  /** Images to choose the parts of mosaics from. */
  readonly count?: number | undefined;
}

/** A batch to prepare: the images' indices, and the epoch for which their augmentation is drawn. */
export interface BatchJob {
  readonly epoch: number;
  readonly samples: Uint32Array;
  /** Whether only the augmentation of the data set is applied. */
  readonly isWeak: boolean;
}

/** Writes image `sample`, prepared from its stored bytes, to `out`. */
type Prepare = (pixels: Uint8Array, epoch: number, sample: number, out: Float32Array) => void;

/** For images stored at the net's input size. */
const preparePlain =
  ({ info, mode, seed }: BatchSource, table: Float32Array): Prepare =>
  (pixels, epoch, sample, out) => {
    const augmentation =
      mode === "train" ? drawAugmentation(info.augmentation, seed, epoch, sample) : NO_AUGMENTATION;
    prepareImage(pixels, info, table, augmentation, out);
  };

/** For smaller or larger squares, which are scaled before they are augmented. */
const prepareScaled = (source: BatchSource, table: Float32Array, side: number): Prepare => {
  const prepare = preparePlain(source, table);
  const resize = imageResizer({
    from: { height: side, width: side },
    to: source.info,
    interpolation: "bilinear",
  });
  return (pixels, ...rest) => prepare(resize(pixels), ...rest);
};

/** For whole images squeezed into squares: shows a random part when training, the middle square otherwise. */
const prepareSqueezed = (
  { info, mode, seed }: BatchSource,
  table: Float32Array,
  { side, ratios }: NonNullable<ImageSet["squeezed"]>,
): Prepare => {
  const { resizedCrop } = info.augmentation;
  return (pixels, epoch, sample, out) => {
    const ratio = ratios[sample] as number;
    const isDrawn = mode === "train" && resizedCrop !== undefined;
    const region = isDrawn
      ? drawResizedCrop(resizedCrop, ratio, seed, epoch, sample)
      : middleSquare(ratio);
    const isMirrored =
      mode === "train" && drawAugmentation(info.augmentation, seed, epoch, sample).isMirrored;
    resampleImage({ pixels, side, region, isMirrored }, info, table, out);
  };
};

/** Bytes of each image of a set as it is stored. */
export const storedImageBytes = (
  { squeezed, storedSide }: Pick<ImageSet, "squeezed" | "storedSide">,
  { height, width, channels }: DataSetInfo,
): number => {
  const side = squeezed?.side ?? storedSide;
  return channels * (side === undefined ? height * width : side ** 2);
};

/** @param table the value of each byte (see normalizationTable) */
const preparerOf = (source: BatchSource, table: Float32Array): Prepare => {
  const { squeezed, storedSide } = source;
  if (squeezed) return prepareSqueezed(source, table, squeezed);
  return storedSide === undefined
    ? preparePlain(source, table)
    : prepareScaled(source, table, storedSide);
};

/** Images with strong augmentation: operations on colors and geometry, then normalization, then erased parts. */
const prepareStrong = (source: BatchSource, strong: StrongAugmentation): Prepare => {
  const { info, seed } = source;
  const isRecolored = strong.randAugment !== undefined;
  const table = isRecolored ? byteTable(info.channels) : normalizationTable(info);
  const prepare = preparerOf(source, table);
  return (pixels, epoch, sample, out) => {
    prepare(pixels, epoch, sample, out);
    if (isRecolored) {
      augmentColors(out, info, strong, seed, epoch, sample);
      normalizePixels(out, info);
    }
    eraseParts(out, info, strong, seed, epoch, sample);
  };
};

/** Returns a function that prepares the pixels of a batch, [samples, height, width, 3], in a fresh buffer. */
export const batchPreparer = (source: BatchSource) => {
  const { info, places, seed } = source;
  const strong = source.mode === "train" ? source.strong : undefined;
  const imageSize = info.height * info.width * info.channels;
  const read = imageReader(source, storedImageBytes(source, info));
  const prepareWeak = preparerOf(source, normalizationTable(info));
  const prepareAll = strong ? prepareStrong(source, strong) : prepareWeak;
  const readSample = (sample: number) => read(places ? (places[sample] as number) : sample);
  const scratch = new Float32Array(strong?.mosaic === undefined ? 0 : imageSize);
  const prepareMosaic: Prepare = (pixels, epoch, sample, out) => {
    const { mosaic = 0 } = strong ?? {};
    const tiles = drawMosaic(mosaic, info, source.count ?? 1, seed, epoch, sample);
    if (!tiles) return prepareAll(pixels, epoch, sample, out);
    for (const tile of tiles) {
      prepareAll(readSample(tile.sample), epoch, tile.sample, scratch);
      copyTile(scratch, out, info, tile);
    }
  };
  const prepareStrongly = strong?.mosaic === undefined ? prepareAll : prepareMosaic;
  return ({ epoch, samples, isWeak }: BatchJob): Float32Array<ArrayBuffer> => {
    const out = new Float32Array(samples.length * imageSize);
    const prepare = isWeak ? prepareWeak : prepareStrongly;
    samples.forEach((sample, index) => {
      const pixels = readSample(sample);
      prepare(pixels, epoch, sample, out.subarray(index * imageSize, (index + 1) * imageSize));
    });
    if (strong?.mixup !== undefined && !isWeak) {
      mixImages(out, drawMixShares(strong.mixup, seed, epoch, samples));
    }
    return out;
  };
};
