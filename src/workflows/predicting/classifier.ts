import type { FoundBox } from "../../boxes/box.js";
import type { DataSetInfo } from "../../data/data-set.js";

/** What a net finds in an image: the probabilities of classes, or of a detector boxes in pixels of its input. */
export type ImageResult =
  | { readonly kind: "classes"; readonly probabilities: ArrayLike<number> }
  | { readonly kind: "boxes"; readonly boxes: readonly FoundBox[] };

/** A net that is ready to classify images, whatever computes it. */
export interface Classifier {
  /** Sizes and preparation of its images. */
  readonly info: DataSetInfo;
  /** The names of its classes; empty if the file records none. */
  readonly classNames: readonly string[];
  /** Classifies images, or finds objects in them; images are [height, width, 3] bytes. */
  readonly predict: (images: readonly Uint8Array[]) => ImageResult[];
  readonly dispose: () => void;
}
