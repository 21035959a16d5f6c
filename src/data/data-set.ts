import { z } from "zod";

/** The names that `--dataset` accepts. */
export const DATA_SET_NAMES = ["cifar10", "cifar100", "digits", "images"] as const;

export type DataSetName = (typeof DATA_SET_NAMES)[number];

/** What folders of the user's own images are called as a data set. */
export const OWN_IMAGES = "images" satisfies DataSetName;

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
        /**
         * A part of the image, drawn anew in every epoch, is stretched to the full size: at least this share of
         * the area, sides in proportions from 1 / maxRatio to maxRatio. Absent: a crop of the image's own size.
         */
        resizedCrop: z
          .object({ minArea: z.number().positive().max(1), maxRatio: z.number().min(1) })
          .readonly()
          .optional(),
      })
      .readonly(),
    /** One name per class, in the order of the labels. */
    classNames: z.array(z.string()).min(1).readonly(),
  })
  .readonly();

export type DataSetInfo = z.infer<typeof dataSetInfoSchema>;

/** Images in a file, one behind the other from its start on. */
export interface StoredImages {
  readonly path: string;
  readonly count: number;
}

/** Whole images that were squeezed into squares, whatever their proportions. */
export interface Squeezed {
  /** Side of the squares, in pixels. */
  readonly side: number;
  /** [count] width over height of each image as it was. */
  readonly ratios: Float32Array;
}

/** Images as bytes, with their labels. */
export interface ImageSet {
  /**
   * [n, height, width, channels] in a SharedArrayBuffer, so that worker threads see it without
   * a copy; empty where they lie in `file`.
   */
  readonly images: Uint8Array;
  /** Where the images are that are too many for the memory. */
  readonly file?: StoredImages | undefined;
  /** [count], each an index into the class names. */
  readonly labels: Int32Array;
  readonly count: number;
  /** [count] where each image lies among the stored ones; absent: image i at place i. */
  readonly places?: Uint32Array | undefined;
  /** [count] the file that each image is of; absent where images are not files of their own. */
  readonly paths?: readonly string[] | undefined;
  /** Absent where the images have the size that the data set says. */
  readonly squeezed?: Squeezed | undefined;
}

export interface DataSet {
  readonly info: DataSetInfo;
  readonly train: ImageSet;
  /** Training images that are held out of `train` to choose the best epoch by; absent without a split. */
  readonly validation?: ImageSet | undefined;
  readonly test: ImageSet;
  /** A hash of what the files hold, where a folder of the user's own was read. */
  readonly fingerprint?: string | undefined;
}
