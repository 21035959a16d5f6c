import { z } from "zod";

/** The names that `--dataset` accepts. */
export const DATA_SET_NAMES = ["cifar10", "cifar100", "digits"] as const;

export type DataSetName = (typeof DATA_SET_NAMES)[number];

const threeNumbers = z.tuple([z.number(), z.number(), z.number()]).readonly();

/**
 * What a data set says about itself. A checkpoint stores it as JSON, so that a saved net needs no
 * data set to be described.
 */
export const dataSetInfoSchema = z
  .object({
    name: z.string().min(1),
    channels: z.literal(3),
    /** Pixels. */
    height: z.int().positive(),
    width: z.int().positive(),
    /** Per channel, of pixel values in [0, 1]. */
    mean: threeNumbers,
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).readonly(),
    augmentation: z
      .object({
        /**
         * Black pixels added on every side before a crop of the image's own size; 0 for no crop.
         */
        cropPadding: z.int().nonnegative(),
        /** Whether a training image is mirrored left to right half of the time. */
        mirror: z.boolean(),
      })
      .readonly(),
    /** One name per class, in the order of the labels. */
    classNames: z.array(z.string()).min(1).readonly(),
  })
  .readonly();

export type DataSetInfo = z.infer<typeof dataSetInfoSchema>;

/** Images as bytes, with their labels. */
export interface ImageSet {
  /**
   * [count, height, width, channels] in a SharedArrayBuffer, so that worker threads see it without
   * a copy.
   */
  readonly images: Uint8Array;
  /** [count], each an index into the class names. */
  readonly labels: Int32Array;
  readonly count: number;
}

export interface DataSet {
  readonly info: DataSetInfo;
  readonly train: ImageSet;
  readonly test: ImageSet;
}
