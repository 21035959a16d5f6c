import chalk from "chalk";
import { shownNames } from "../../base/shown-names.js";
import { type Column, textTable } from "../text-table.js";
import type { Sensitivity } from "./sensitivity.js";

const percent = (accuracy: number): string => `${accuracy.toFixed(2)}%`;

/** The settings that occur in a table, in the order of the first row that has most of them. */
const settingsOf = <P>(
  rows: readonly { readonly points: readonly P[] }[],
  of: (point: P) => number,
): number[] => [...new Set(rows.flatMap(({ points }) => points.map(of)))];

const number = (title: string): Column => ({ title, isNumber: true });

const channelTable = ({ channels }: Sensitivity): string => {
  const shares = settingsOf(channels, ({ share }) => share);
  return textTable(
    [
      { title: "layers" },
      number("channels"),
      ...shares.map((share) => number(`${Number((100 * share).toFixed(1))}% pruned`)),
    ],
    channels.map(({ names, total, points }) => [
      shownNames(names, 1),
      String(total),
      ...shares.map((share) => {
        const point = points.find((each) => each.share === share);
        return point ? percent(point.accuracy) : "";
      }),
    ]),
  );
};

const bitTable = ({ bits }: Sensitivity): string => {
  const settings = settingsOf(bits, (point) => point.bits);
  return textTable(
    [{ title: "layer" }, ...settings.map((each) => number(`${each} bit${each === 1 ? "" : "s"}`))],
    bits.map(({ name, points }) => [
      name,
      ...settings.map((each) => {
        const point = points.find((own) => own.bits === each);
        return point ? percent(point.accuracy) : "";
      }),
    ]),
  );
};

/** Accuracies by share pruned and by bits, as two tables for a terminal. */
export const sensitivityText = (result: Sensitivity): string => {
  const { model, arch, importance, images, whole, channels, bits } = result;
  const { dataSet, count, wereHeldOut } = images;
  const seen = wereHeldOut ? "held out from training" : "of the training set";
  return [
    `${chalk.bold(model)}: ${arch}, ${percent(whole.accuracy)} of ${count} images of ${dataSet} ${seen}, loss ${whole.loss.toFixed(4)}\n`,
    channels.length > 0
      ? `\nAccuracy with channels of one row pruned, ranked by ${importance}:\n${channelTable(result)}`
      : "",
    bits.length > 0 ? `\nAccuracy with the weights of one layer rounded:\n${bitTable(result)}` : "",
  ].join("");
};
