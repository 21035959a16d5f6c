import type { DataSetInfo } from "../../data/data-set.js";

/** A net that is ready to classify images, whatever computes it. */
export interface Classifier {
  /** Sizes and preparation of its images. */
  readonly info: DataSetInfo;
  /** The names of its classes; empty if the file records none. */
  readonly classNames: readonly string[];
  /** The class probabilities of each image; images are [height, width, 3] bytes. */
  readonly predict: (images: readonly Uint8Array[]) => ArrayLike<number>[];
  readonly dispose: () => void;
}
