import { type Html, html } from "../../../html.js";
import type { ComparedNet } from "../../comparison.js";
import { accuracyChart, COSTS } from "../charts/accuracy-by-cost-chart.js";
import { chartFigure } from "../charts/chart-figure.js";
import { codeChart, codedLayers } from "../charts/code-chart.js";
import { curvesByEpochChart } from "../charts/curves-by-epoch-chart.js";
import { LAYER_NUMBERS, layerChart } from "../charts/layer-chart.js";
import { layerLabels } from "../charts/layer-labels.js";
import { letters, netHeadings } from "../legend.js";
import { withPaths } from "../path-text.js";
import { skipDuplicates } from "./skip-duplicates.js";
import { untrainedText } from "./untrained-text.js";

type Nets = readonly ComparedNet[];

/** Accuracy against size; empty if the nets were not tested. */
export const accuracySection = async (nets: Nets): Promise<Html> => {
  if (nets.some(({ test }) => test === null)) return html``;
  const costs = Object.keys(COSTS) as (keyof typeof COSTS)[];
  const charts: Html[] = [];
  for (const cost of costs) charts.push(await chartFigure(accuracyChart(nets, cost)));
  const measure = nets.some(({ test }) => test?.detection) ? "Precision" : "Accuracy";
  return html`<section><h2>${measure} against size</h2>
<p class="note">Up is better, left is smaller.</p>${letters(nets)}
<div class="charts">${charts}</div></section>`;
};

const hasEpochs = ({ history }: ComparedNet): boolean =>
  history.kind === "found" && history.epochs.length > 0;

/** Accuracy and loss by epoch, and why some files have none. */
export const trainingSection = async (nets: Nets): Promise<Html> => {
  const unknown = nets.flatMap((net) =>
    hasEpochs(net) ? [] : [html`<li>${net.label}: ${withPaths(untrainedText(net))}</li>`],
  );
  const charts = nets.some(hasEpochs)
    ? [
        await chartFigure(curvesByEpochChart(nets, "accuracy")),
        await chartFigure(curvesByEpochChart(nets, "loss")),
      ]
    : [];
  const note = unknown.length === 0 ? html`` : html`<ul class="note">${unknown}</ul>`;
  const explanation =
    charts.length === 0
      ? html``
      : html`<p class="note">Epochs of the run that trained the file. Solid lines: the test images after the epoch. Dashed lines: the training images; their accuracy is measured during the epoch and therefore lags.</p>${letters(nets, hasEpochs)}`;
  return html`<section><h2>Training</h2>${explanation}<div class="charts">${charts}</div>${note}</section>`;
};

/** Widths, parameters and operations of every layer. */
export const layerSection = async (nets: Nets): Promise<Html> => {
  const numbers = Object.keys(LAYER_NUMBERS) as (keyof typeof LAYER_NUMBERS)[];
  const charts: Html[] = [];
  for (const number of numbers) charts.push(await chartFigure(layerChart(nets, number)));
  return html`<section><h2>Layers</h2>
<p class="note">Every convolution with its batch norm, from the image to the classes. A MAC is one multiplication with its addition.</p>${letters(nets)}
<div class="charts">${charts}</div></section>`;
};

/** A line that names the nets without codes. */
const unquantizedNote = (nets: Nets): Html => {
  const labels = nets.filter((net) => codedLayers(net).length === 0).map(({ label }) => label);
  return labels.length === 0
    ? html``
    : html`<p class="note">Weights that are not quantized: ${labels.join(", ")}.</p>`;
};

/** The distribution of every quantized layer's weights over their codes. */
export const codeSection = async (nets: Nets): Promise<Html> => {
  const figures: Html[] = [];
  const headings = netHeadings(nets);
  const labels = layerLabels(nets);
  const unique = skipDuplicates(nets, (net) => {
    const layers = codedLayers(net);
    return layers.length === 0 ? undefined : layers.map(({ codes }) => codes);
  });
  for (const [index, net] of nets.entries()) {
    if (!unique.isDrawn(index)) continue;
    figures.push(
      await chartFigure(codeChart(net, index, labels), { title: headings[index] ?? html`` }),
    );
  }
  const note =
    figures.length === 0
      ? html``
      : html`<p class="note">Shares of a layer's weights by their value before scaling; all layers of a net have the same axis. The bits are the entropy: what an ideal coder needs per weight. First and last layers are not quantized.</p>`;
  return html`<section><h2>Weight codes</h2>
${note}${unquantizedNote(nets)}${unique.note}
<div class="charts">${figures}</div></section>`;
};
