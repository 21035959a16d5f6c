import chalk from "chalk";
import { visibleText } from "../../base/visible-text.js";
import { formText } from "../form-text.js";
import { textTable } from "../text-table.js";
import { againstFirst } from "./against-first.js";
import { chanceText, pointsText, ratioText } from "./against-first-text.js";
import type { ComparedImages, ComparedNet, Comparison } from "./comparison.js";
import { areDetectors, type MetricCell, metricCells, metricsOf } from "./metrics.js";
import { testImagesText } from "./test-images-text.js";

const netLine = ({ label, file, arch, form, quantization }: ComparedNet): string =>
  `${chalk.bold(label)}  ${visibleText(file)}: ${arch}, ${formText(form)}\n   ${quantization}\n`;

const cellText = ({ text, isBest }: MetricCell): string => (isBest ? chalk.bold(`*${text}`) : text);

/** The differences of a net from the first one, on one or two lines. */
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

/** The notes below the table: what was compared and what was not. */
const footer = ({ images, nets }: Comparison): string => {
  const first = nets[0]?.label ?? "";
  if (images.kind === "none") {
    return `Not tested: ${images.why}. Accuracy, loss and agreement are left out.\n`;
  }
  const same = areDetectors({ images, nets }) ? "the same objects" : "the same class";
  return `agreement: ${same} as ${first}\n${disagreementText(images)}\n`;
};

/** A comparison for a terminal: two lines for each net, and a table that marks the best of each column. */
export const comparisonText = (comparison: Comparison): string => {
  const { nets } = comparison;
  const metrics = metricsOf(comparison);
  const columns = metrics.map((metric) => metricCells(metric, nets));
  const rows = nets.map(({ label }, net) => [
    label,
    ...columns.map((cells) => cellText(cells[net] as MetricCell)),
  ]);
  return [
    ...nets.map(netLine),
    "\n",
    textTable([{ title: "" }, ...metrics.map(({ title }) => ({ title, isNumber: true }))], rows),
    "\n",
    "* the best of its column (images/s: only if at least 10% ahead)\n",
    "packed: all numbers, in as few bits as they need, without the file's header\n",
    "peak act.: the most bytes of activations in use at once, for one image\n",
    footer(comparison),
    againstLines(comparison),
  ].join("");
};
