import { type Html, html } from "../../../html.js";
import type { Sensitivity } from "../../../sensitivity/sensitivity.js";
import { chartFigure } from "../charts/chart-figure.js";
import { type ChangeKind, sensitivityChart } from "../charts/sensitivity-chart.js";
import { withPaths } from "../path-text.js";

/** How accuracy reacts to changes of single layers. */
export const sensitivitySection = async (result: Sensitivity): Promise<Html> => {
  const { model, whole, images, importance } = result;
  const kinds = (["channels", "bits"] satisfies ChangeKind[]).filter(
    (kind) => result[kind].length > 0,
  );
  const charts: Html[] = [];
  for (const kind of kinds) charts.push(await chartFigure(sensitivityChart(result, kind)));
  const seen = images.wereHeldOut ? "that training held out" : "of the training set";
  const note = `Accuracy in percent if one row alone is changed, on ${images.count} images of ${images.dataSet} ${seen}; unchanged ${whole.accuracy.toFixed(1)}%. Channels are ranked by ${importance}, and nothing is trained after the change.`;
  return html`<section><h2>Sensitivity</h2>
<p class="note">${withPaths(`${model}: ${note}`)}</p>
<div class="charts">${charts}</div></section>`;
};
