import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../../charts/render-chart.js";
import { type Html, html } from "../../../html.js";
import type { ComparedNet } from "../../comparison.js";
import { chartFigure } from "../charts/chart-figure.js";
import { letters } from "../legend.js";

/** Precision against recall of each detector, as the mean over classes. */
export const precisionRecallChart = (nets: readonly ComparedNet[]): TopLevelSpec => {
  const values = nets.flatMap(({ label, test }) => {
    const curve = test?.detection?.curve ?? [];
    return curve.map((precision, step) => ({
      label,
      precision,
      recall: step / (curve.length - 1),
    }));
  });
  return {
    data: { values },
    width: CHART_WIDTH,
    height: 240,
    autosize: { type: "fit", contains: "padding" },
    mark: { type: "line", strokeWidth: 1.5 },
    encoding: {
      x: {
        field: "recall",
        type: "quantitative",
        scale: { domain: [0, 1] },
        axis: { title: "recall", tickCount: 6, grid: false },
      },
      y: {
        field: "precision",
        type: "quantitative",
        scale: { domain: [0, 1] },
        axis: { title: "precision", tickCount: 6 },
      },
      color: {
        field: "label",
        type: "nominal",
        scale: { domain: nets.map(({ label }) => label) },
        legend: null,
      },
    },
  };
};

/** The precision-recall curves. */
export const curveSection = async (
  nets: readonly ComparedNet[],
): Promise<Html> => html`<section><h2>Precision and recall</h2>
<p class="note">At an overlap of 0.5, mean over the classes: the area below a curve is the mAP@0.5. Precision is the share of the found boxes that are right, recall the share of the objects that are found.</p>${letters(nets)}
<div class="charts">${[await chartFigure(precisionRecallChart(nets))]}</div></section>`;
