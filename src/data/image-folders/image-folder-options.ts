import type { DataSetInfo } from "../data-set.js";

/** Side of the images that a net sees, where nothing else is said. */
export const DEFAULT_IMAGE_SIZE = 32;
/** The share of damaged files that is left out without an error. */
export const DEFAULT_MAX_DAMAGED = 0.01;

/**
 * How a training image is varied: `resized` stretches a part of it, drawn anew in every epoch, to the full
 * size; `padded` takes its middle at the full size, and of that a crop out of a black frame, as CIFAR does.
 */
export const cropKinds = ["resized", "padded"] as const;
export type CropKind = (typeof cropKinds)[number];

/** How folders of images are read. */
export interface ImageFolderOptions {
  /** Side of the images that the net sees, in pixels. */
  readonly imageSize: number;
  readonly crop: CropKind;
  /** Whether training images are mirrored half of the time. */
  readonly mirror: boolean;
  /** The largest share of damaged files that are left out; more are an error. */
  readonly maxDamaged: number;
  /** What a net's file says of its images: then size, mean and deviation are these, and the classes must be. */
  readonly told?: DataSetInfo | undefined;
  /** Threads that decode. */
  readonly workers: number;
  /** More decoded images than this are read from the disk batch by batch. */
  readonly memoryBytes: number;
  /** Where decoded images are kept; undefined where there is no place for them. */
  readonly cacheFolder: string | undefined;
  /** Takes lines for the user. */
  readonly notify: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}
