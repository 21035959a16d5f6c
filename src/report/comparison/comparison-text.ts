import chalk from "chalk";
import { visibleText } from "../../base/visible-text.js";
import { textTable } from "../text-table.js";
import { againstFirst } from "./against-first.js";
import { chanceText, pointsText, ratioText } from "./against-first-text.js";
import type { ComparedImages, ComparedNet, Comparison } from "./comparison.js";
import { type MetricCell, metricCells, metricsOf } from "./metrics.js";
import { testImagesText } from "./test-images-text.js";

const netLine = ({ label, file, arch, form, quantization }: ComparedNet): string =>
  `${chalk.bold(label)}  ${visibleText(file)}: ${arch}, ${form}\n   ${quantization}\n`;

const cellText = ({ text, isBest }: MetricCell): string => (isBest ? chalk.bold(`*${text}`) : text);

/** What a net gained and lost beside the first one, in a line or two. */
const againstLine = (first: ComparedNet, net: ComparedNet, images: number): string => {
  const { accuracy, packedRatio, macsRatio, peakActivationRatio } = againstFirst(first, net);
  const points = accuracy
    ? `${pointsText(accuracy.points)}, ${chanceText(accuracy, images)}\n   `
    : "";
  const [packed, macs, peak] = [packedRatio, macsRatio, peakActivationRatio].map(ratioText);
  return `${chalk.bold(net.label)}  ${points}packed ${packed}, MACs ${macs}, peak ${peak}\n`;
};

const againstLines = ({ nets: [first, ...others], images }: Comparison): string => {
  if (!first) return "";
  const count = images.kind === "tested" ? images.count : 0;
  const lines = others.map((net) => againstLine(first, net, count)).join("");
  return `\nCompared with ${first.label}:\n${lines}`;
};

const disagreementText = (images: ComparedImages): string =>
  images.changedCount === 0
    ? `The nets agree on all ${images.count} ${testImagesText(images)}.`
    : `The nets disagree on ${images.changedCount} of the ${images.count} ${testImagesText(images)}.`;

/** What was and was not compared, below the table. */
const footer = ({ images, nets }: Comparison): string => {
  const first = nets[0]?.label ?? "";
  if (images.kind === "none") {
    return `Not tested: ${images.why}. Accuracy, loss and agreement are left out.\n`;
  }
  return `agreement: the same class as ${first}\n${disagreementText(images)}\n`;
};

/** Nets side by side for a terminal: two lines a net, the best of each column marked. */
export const comparisonText = (comparison: Comparison): string => {
  const { nets } = comparison;
  const metrics = metricsOf(comparison);
  const columns = metrics.map((metric) => metricCells(metric, nets));
  const rows = nets.map(({ label }, at) => [
    label,
    ...columns.map((cells) => cellText(cells[at] as MetricCell)),
  ]);
  return [
    ...nets.map(netLine),
    "\n",
    textTable([{ title: "" }, ...metrics.map(({ title }) => ({ title, isNumber: true }))], rows),
    "\n",
    "* the best of its column (images/s: from 10 % ahead on)\n",
    "packed: all numbers in as many bits as they have, without a file's header\n",
    "peak act.: most bytes of activations at once, for one image\n",
    footer(comparison),
    againstLines(comparison),
  ].join("");
};
