import chalk from "chalk";
import { describeQuantization } from "../../options/describe-quantization.js";
import { textTable } from "../../report/text-table.js";
import type { MeasuredNet, MergeResult } from "../../workflows/merging/merge-result.js";
import type { MergeTest } from "../../workflows/merging/test-merge.js";
import { measureName } from "../texts/measure-name.js";
import { untestedText } from "../texts/untested-text.js";
import { testLine } from "../training/text-reporter.js";

const row = (label: string, net: MeasuredNet): string[] => [
  label,
  String(net.parameters),
  (net.bytes / 1e6).toFixed(3),
  net.milliseconds.toFixed(1),
  ...(net.test ? [`${net.test.accuracy.toFixed(2)}%`, net.test.loss.toFixed(4)] : []),
];

/** The result of --json: the success rate in percent, times in milliseconds, sizes in bytes. */
export const mergeJson = ({ agreement, spec, untested, ...result }: MergeResult): object => ({
  ...result,
  arch: spec.arch,
  quantization: spec.quantization,
  mergeSuccessRate: (100 * agreement.equalChoices) / agreement.inputs,
  ...agreement,
  ...(untested && { untested: untestedText(untested) }),
});

/** The test of a merge as --json prints it. */
export const mergeTestJson = ({ before, after, agreement }: MergeTest): object => ({
  before,
  after,
  ...agreement,
});

/** The test of a merge as text: both test lines, agreement and speed. */
export const mergeTestText = ({ before, after, agreement }: MergeTest): string => {
  const { equalChoices, inputs, largestDifference } = agreement;
  const percent = ((100 * equalChoices) / inputs).toFixed(2);
  const speeds = [before, after].map((side) => `${side.imagesPerSecond.toFixed(0)} images/s`);
  return [
    ...[before, after].map((side) => `${side.file}\n${testLine(side)}`),
    `Equal predictions: ${equalChoices}/${inputs} (${percent}%), `,
    `largest difference of the logits ${largestDifference.toExponential(2)}\n`,
    `Speed: ${speeds.join(" before, ")} after\n`,
  ].join("");
};

/** The result as text; `merge_success_rate` is the line that the reference scripts print. */
export const mergeText = (result: MergeResult): string => {
  const { model, spec, agreement, before, after, untested, dumped } = result;
  const { equalChoices, inputs, largestDifference, largestLogit } = agreement;
  const number = (title: string) => ({ title, isNumber: true });
  const columns = [
    { title: "" },
    number("parameters"),
    number("float32 (MB)"),
    number(`ms for ${inputs} inputs`),
    ...(after.test
      ? [number(`${measureName(after.test)} (${after.test.count} images)`), number("loss")]
      : []),
  ];
  return [
    `${chalk.bold(model)}: ${spec.arch}, ${describeQuantization(spec.quantization)}\n`,
    `merge_success_rate: ${((100 * equalChoices) / inputs).toFixed(2)}%\n`,
    `Largest difference of the logits: ${largestDifference.toExponential(2)} (largest logit ${largestLogit.toFixed(3)})\n\n`,
    textTable(columns, [row("before", before), row("after", after)]),
    untested ? `Not tested: ${untestedText(untested)}.\n` : "",
    `Saved ${before.file}\nSaved ${after.file}\n`,
    ...dumped.map((file) => `Saved ${file}\n`),
  ].join("");
};
