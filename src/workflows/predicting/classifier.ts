import { usageError } from "../../base/errors.js";
import type { FoundBox } from "../../boxes/box.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { type Graph, outputValue, shapesOf } from "../../graph/graph.js";
import { isMaps, type Shape, shapeText } from "../../graph/shape.js";

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

/** @throws QpruneError (usage) if the output of a net is neither the logits of classes nor the boxes of a detector. */
export const checkPredicts = (file: string, graph: Graph): void => {
  const shape = shapesOf(graph).get(outputValue(graph)) as Shape;
  if (!isMaps(shape)) return;
  throw usageError(
    `The output of ${file} is maps of ${shapeText(shape)} for each image, not the logits of classes or the boxes of a detector.`,
    "Run it in a program of your own: qprune export writes it for other runtimes.",
  );
};
