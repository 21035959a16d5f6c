import type { MergeTest } from "../../workflows/merging/test-merge.js";
import { testLine } from "../training/text-reporter.js";

/** The test of a merge as one object. */
export const mergeTestJson = ({ before, after, agreement }: MergeTest): object => ({
  before,
  after,
  ...agreement,
});

/** The test of a merge for people: both test lines, agreement and speed. */
export const mergeTestText = ({ before, after, agreement }: MergeTest): string => {
  const { equalChoices, inputs, largestDifference } = agreement;
  const share = ((100 * equalChoices) / inputs).toFixed(2);
  const speeds = [before, after].map((side) => `${side.imagesPerSecond.toFixed(0)} images/s`);
  return [
    ...[before, after].map((side) => `${side.file}\n${testLine(side)}`),
    `Equal predictions: ${equalChoices}/${inputs} (${share}%), `,
    `largest difference of the logits ${largestDifference.toExponential(2)}\n`,
    `Speed: ${speeds.join(" before, ")} after\n`,
  ].join("");
};
