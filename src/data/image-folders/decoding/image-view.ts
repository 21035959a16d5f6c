import type { DataSetInfo, EvaluationView } from "../../data-set.js";

/**
 * How an image becomes a square of `side` pixels:
 * - `middle`: scaled by the decoder until it fills the square, and cropped
 * - `squeezed`: the whole image, with another aspect ratio
 * - `evaluated`: scaled until the shorter side has `resizedSide` pixels, and cropped, as torchvision does it
 */
export type ImageView =
  | { readonly kind: "middle" | "squeezed"; readonly side: number }
  | ({ readonly kind: "evaluated"; readonly side: number } & EvaluationView);

/** How a net of `info` sees image files outside of training; a detector sees all of them. */
export const viewForNet = ({
  height: side,
  evaluation,
  hasBoxes,
}: Pick<DataSetInfo, "height" | "evaluation" | "hasBoxes">): ImageView => {
  if (hasBoxes) return { kind: "squeezed", side };
  return evaluation ? { kind: "evaluated", side, ...evaluation } : { kind: "middle", side };
};
