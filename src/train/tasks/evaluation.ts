import type { DetectionScores } from "../../boxes/average-precision.js";

/** The result of testing a net on images. */
export interface Evaluation {
  /** Mean over the images: the cross-entropy of a classifier, the loss of a detector. */
  readonly loss: number;
  /** Images about which the net is right (see taskOf). */
  readonly correct: number;
  readonly count: number;
  /** Percent, the measure by which nets are compared: the accuracy of a classifier, a detector's mean average precision at an overlap of 0.5. */
  readonly accuracy: number;
  /** Only of a detector: mean average precisions in percent. */
  readonly precisions?: Pick<DetectionScores, "mean" | "at50" | "at75"> | undefined;
}
