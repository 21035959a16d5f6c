import chalk from "chalk";
import { describeQuantization } from "../../options/describe-quantization.js";
import { textTable } from "../../report/text-table.js";
import type { MeasuredNet, MergeResult } from "../../workflows/merging/merge-result.js";
import { untestedText } from "../testing/untested-text.js";

const row = (label: string, net: MeasuredNet): string[] => [
  label,
  String(net.parameters),
  (net.bytes / 1e6).toFixed(3),
  net.milliseconds.toFixed(1),
  ...(net.test ? [`${net.test.accuracy.toFixed(2)}%`, net.test.loss.toFixed(4)] : []),
];

/** What a merge did, for people; the first result is the reference scripts' line. */
export const mergeText = (result: MergeResult): string => {
  const { model, spec, agreement, before, after, untested, dumped } = result;
  const { equalChoices, inputs, largestDifference, largestLogit } = agreement;
  const number = (title: string) => ({ title, isNumber: true });
  const columns = [
    { title: "" },
    number("parameters"),
    number("float32 (MB)"),
    number(`ms for ${inputs} inputs`),
    ...(after.test ? [number(`accuracy (${after.test.count} images)`), number("loss")] : []),
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
