import type { DataSetInfo } from "../data-set.js";
import type { Preparation } from "../preparation.js";

/** The default side of the images that a net sees, in pixels. */
export const DEFAULT_IMAGE_SIZE = 32;
/** The default share of damaged files that may be left out. */
export const DEFAULT_MAX_DAMAGED = 0.01;

/**
 * How a training image is varied. `resized` stretches a part of it, drawn again in every epoch, to the full size.
 * `padded` scales its middle square to the full size and crops that from a black frame, as for CIFAR.
 */
export const cropKinds = ["resized", "padded"] as const;
export type CropKind = (typeof cropKinds)[number];

/** How folders of images are read. */
export interface ImageFolderOptions {
  /** Side of the images that the net sees, in pixels. */
  readonly imageSize: number;
  readonly crop: CropKind;
  /** Whether each training image is mirrored with probability 1/2. */
  readonly mirror: boolean;
  /** The largest share of damaged files that are left out; more raise an error. */
  readonly maxDamaged: number;
  /**
   * The data set in a net's file, to test the net: its size and preparation are used, and the classes have to match if
   * they have names.
   */
  readonly netDataSet?: DataSetInfo | undefined;
  /** The preparation of the net to train; default: the images' own mean and deviation. */
  readonly preparation?: Preparation | undefined;
  /** Threads that decode images. */
  readonly workers: number;
  /** If the decoded images take more than this, they are read from disk batch by batch. */
  readonly memoryBytes: number;
  /** The folder for decoded images; undefined if there is none. */
  readonly cacheFolder: string | undefined;
  /** Receives lines for the user. */
  readonly notify: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}
