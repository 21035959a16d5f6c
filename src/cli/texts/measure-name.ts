import type { Evaluation } from "../../train/tasks/evaluation.js";

/** What the `accuracy` of a test is called: that of a detector is a mean average precision. */
export const measureName = ({ precisions }: Pick<Evaluation, "precisions">): string =>
  precisions ? "mAP@0.5" : "accuracy";

/** The name at the start of a sentence. */
export const measureTitle = (test: Pick<Evaluation, "precisions">): string =>
  test.precisions ? "mAP@0.5" : "Accuracy";
