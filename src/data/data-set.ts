import { z } from "zod";
import type { LabeledBox } from "../boxes/box.js";
import { interpolations } from "./resizing/plan-axis.js";

/** The names of the data sets. */
export const DATA_SET_NAMES = [
  "cifar10",
  "cifar100",
  "digits",
  "digits-detection",
  "images",
  "boxes",
] as const;

export type DataSetName = (typeof DATA_SET_NAMES)[number];

/** The name of the data set that is read from folders of the user's own images. */
export const OWN_IMAGES = "images" satisfies DataSetName;

/** The name of the data set that is read from the user's own images with annotated boxes. */
export const OWN_BOXES = "boxes" satisfies DataSetName;

/** Whether a data set is read from a folder of the user's own images. */
export const isOwnImages = (name: string | undefined): boolean =>
  name === OWN_IMAGES || name === OWN_BOXES;

/** Whether the images of a data set have boxes around objects. */
export const haveBoxes = (name: DataSetName): boolean =>
  name === OWN_BOXES || name === "digits-detection";

/** The name that is recorded for published nets with ImageNet's 1000 classes. */
export const IMAGENET = "imagenet";

/** The data set to read for a net that was trained on `name`, or undefined; ImageNet is read from folders of images. */
export const dataSetToRead = (name: string | undefined): DataSetName | undefined =>
  name === IMAGENET ? OWN_IMAGES : DATA_SET_NAMES.find((each) => each === name);

const threeNumbers = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** How an image file becomes an input of a net: scaled, then cropped to the net's square in the middle. */
const evaluationSchema = z
  .object({
    /** Pixels of the shorter side before the crop. */
    resizedSide: z.int().positive(),
    interpolation: z.enum(interpolations),
  })
  .readonly();

export type EvaluationView = z.infer<typeof evaluationSchema>;

/** The description of a data set. A checkpoint stores it as JSON, so that a saved net is usable without the data set. */
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
        /** Black pixels added on every side before a crop of the image's own size; 0: no crop. */
        cropPadding: z.int().nonnegative(),
        /** Whether a training image is mirrored left to right half of the time. */
        mirror: z.boolean(),
        /**
         * If present, a part of the image, drawn again in every epoch, is stretched to the full size. The part has at
         * least the share `minArea` of the area and an aspect ratio from 1 / maxRatio to maxRatio. If absent, crops have
         * the image's own size.
         */
        resizedCrop: z
          .object({ minArea: z.number().positive().max(1), maxRatio: z.number().min(1) })
          .readonly()
          .optional(),
      })
      .readonly(),
    /** Present if the images have boxes around objects, as detectors need, instead of one label each. */
    hasBoxes: z.literal(true).optional(),
    /** One name per class, in the order of the labels. */
    classNames: z.array(z.string()).min(1).readonly(),
    /**
     * The preparation of image files that belongs to a net's weights, together with `mean` and `std`. If absent, files
     * are scaled until they fill the square, by the decoder.
     */
    evaluation: evaluationSchema.optional(),
  })
  .refine(
    ({ height, width, evaluation }) =>
      evaluation === undefined || evaluation.resizedSide >= Math.max(height, width),
    { path: ["evaluation", "resizedSide"], message: "smaller than the images" },
  )
  .readonly();

export type DataSetInfo = z.infer<typeof dataSetInfoSchema>;

/** Images stored in a file, one after the other from its start. */
export interface StoredImages {
  readonly path: string;
  readonly count: number;
}

/** Whole images squeezed into squares, whatever their aspect ratio. */
export interface Squeezed {
  /** Side of the squares, in pixels. */
  readonly side: number;
  /** [count] width over height of each original image. */
  readonly ratios: Float32Array;
}

/** Images as bytes, with their labels. */
export interface ImageSet {
  /**
   * [n, height, width, channels] in a SharedArrayBuffer, so that worker threads share it without copying; empty if the
   * images are stored in `file`.
   */
  readonly images: Uint8Array;
  /** The file that stores the images if they do not fit into memory. */
  readonly file?: StoredImages | undefined;
  /** [count], each an index into the class names. */
  readonly labels: Int32Array;
  readonly count: number;
  /** [count] the index of each image among the stored ones; absent if image i is stored at index i. */
  readonly places?: Uint32Array | undefined;
  /** [count] the objects in each image, in pixels of the declared size; absent if images only have labels. */
  readonly boxes?: readonly (readonly LabeledBox[])[] | undefined;
  /** [count] the path of each image's file; absent if images have no files of their own. */
  readonly paths?: readonly string[] | undefined;
  /** Absent if the images have the size that the data set declares. */
  readonly squeezed?: Squeezed | undefined;
  /** Pixels of each side of squares that are scaled to the declared size when a batch is prepared. */
  readonly storedSide?: number | undefined;
}

export interface DataSet {
  readonly info: DataSetInfo;
  readonly train: ImageSet;
  /** Training images held out of `train` to choose the best epoch; absent without a split. */
  readonly validation?: ImageSet | undefined;
  readonly test: ImageSet;
  /** A hash of the files' contents; present for folders of the user's own images. */
  readonly fingerprint?: string | undefined;
}
