import { drawAugmentation, NO_AUGMENTATION } from "./augmentation.js";
import type { DataSetInfo } from "./data-set.js";
import { normalisationTable } from "./normalisation-table.js";
import { prepareImage } from "./prepare-image.js";

/** All that a thread needs to know once: the images and what is done to them. */
export interface BatchSource {
  readonly images: Uint8Array;
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

/** A function that makes the pixels of a batch, [samples, height, width, 3], in a fresh buffer. */
export const batchPreparer = ({ images, info, mode, seed }: BatchSource) => {
  const table = normalisationTable(info);
  const imageSize = info.height * info.width * info.channels;
  return ({ epoch, samples }: BatchJob): Float32Array<ArrayBuffer> => {
    const out = new Float32Array(samples.length * imageSize);
    samples.forEach((sample, place) => {
      const augmentation =
        mode === "train"
          ? drawAugmentation(info.augmentation, seed, epoch, sample)
          : NO_AUGMENTATION;
      const pixels = images.subarray(sample * imageSize, (sample + 1) * imageSize);
      const target = out.subarray(place * imageSize, (place + 1) * imageSize);
      prepareImage(pixels, info, table, augmentation, target);
    });
    return out;
  };
};
