import type { DataSetInfo, ImageSet } from "../data-set.js";
import { imageReader } from "../image-reader.js";
import { normalisationTable } from "../normalisation-table.js";
import { drawAugmentation, NO_AUGMENTATION } from "./augmentation.js";
import { prepareImage } from "./prepare-image.js";
import { resampleImage } from "./resample-image.js";
import { drawResizedCrop, middleSquare } from "./resized-crop.js";

/** All that a thread needs to know once: the images and what is done to them. */
export interface BatchSource extends Pick<ImageSet, "images" | "file" | "places" | "squeezed"> {
  readonly info: DataSetInfo;
  /** Only training images are augmented. */
  readonly mode: "train" | "evaluate";
  readonly seed: number;
}

/** One batch to be made: which images, and the epoch that their augmentation is drawn for. */
export interface BatchJob {
  readonly epoch: number;
  readonly samples: Uint32Array;
}

/** Writes image `sample`, made of its bytes, to `out`. */
type Prepare = (pixels: Uint8Array, epoch: number, sample: number, out: Float32Array) => void;

/** Images of the data set's own size. */
const preparePlain = ({ info, mode, seed }: BatchSource): Prepare => {
  const table = normalisationTable(info);
  return (pixels, epoch, sample, out) => {
    const augmentation =
      mode === "train" ? drawAugmentation(info.augmentation, seed, epoch, sample) : NO_AUGMENTATION;
    prepareImage(pixels, info, table, augmentation, out);
  };
};

/** Whole images, of which a part is shown: one that is drawn, or the middle. */
const prepareSqueezed = (
  { info, mode, seed }: BatchSource,
  { side, ratios }: NonNullable<ImageSet["squeezed"]>,
): Prepare => {
  const table = normalisationTable(info);
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

/** A function that makes the pixels of a batch, [samples, height, width, 3], in a fresh buffer. */
export const batchPreparer = (source: BatchSource) => {
  const { info, squeezed, places } = source;
  const imageSize = info.height * info.width * info.channels;
  const storedBytes = squeezed ? squeezed.side ** 2 * info.channels : imageSize;
  const read = imageReader(source, storedBytes);
  const prepare = squeezed ? prepareSqueezed(source, squeezed) : preparePlain(source);
  return ({ epoch, samples }: BatchJob): Float32Array<ArrayBuffer> => {
    const out = new Float32Array(samples.length * imageSize);
    samples.forEach((sample, at) => {
      const pixels = read(places ? (places[sample] as number) : sample);
      prepare(pixels, epoch, sample, out.subarray(at * imageSize, (at + 1) * imageSize));
    });
    return out;
  };
};
