import chalk from "chalk";
import type { NetSummary } from "../../analysis/model-summary.js";
import { widthsOf } from "../../models/chains/chain-spec.js";
import { isChain } from "../../models/net-spec.js";
import { formText } from "../../report/form-text.js";
import type { SummaryResult } from "../../workflows/summarizing/summarize-model.js";
import { codeTable } from "./code-table.js";
import { layerTable } from "./layer-table.js";

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

const headline = ({ summary: { spec }, checkpoint, fileBytes }: SummaryResult): string => {
  const { channels, height, width } = spec.input;
  const cfg = isChain(spec) ? `cfg ${widthsOf(spec).join(",")}; ` : "";
  const packed = checkpoint.packing ? ", packed" : "";
  const unrecorded = checkpoint.manifest
    ? ""
    : " (treated as full precision: the file does not record it)";
  const accuracy = checkpoint.manifest?.accuracy;
  const tested = accuracy === undefined ? "" : `, accuracy ${accuracy.toFixed(2)}%`;
  return [
    `${chalk.bold(checkpoint.path)}: ${spec.arch}, ${formText(spec.form)}${packed}${unrecorded}, ${fileBytes} bytes${tested}\n`,
    `${cfg}images ${height}x${width}x${channels}, ${spec.classes} classes\n\n`,
  ].join("");
};

const againstFloat = ({ total }: NetSummary): string => {
  const { binaryOps, macs, float32Bytes, packedBytes } = total;
  const times = (float32Bytes / packedBytes).toFixed(2);
  const size = `Packed size: ${percent(packedBytes / float32Bytes)} of the size in float32 (${times} times smaller).`;
  return binaryOps === 0
    ? `${size}\n`
    : `${size} ${percent(binaryOps / macs)} of the MACs are binary.\n`;
};

const deadLegend = ({ layers }: NetSummary): string =>
  layers.every(({ deadChannels }) => deadChannels.length === 0)
    ? ""
    : "Dead channels output the same for every image: their filter, or their batch norm's gamma, is 0.\n";

/** The summary as text. */
export const summaryText = (shown: SummaryResult): string => {
  const { summary } = shown;
  return [
    headline(shown),
    layerTable(summary),
    "\n",
    codeTable(summary),
    "\n",
    deadLegend(summary),
    againstFloat(summary),
  ].join("");
};
