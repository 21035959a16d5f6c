import { type Html, html } from "../../../html.js";
import type { Comparison } from "../../comparison.js";
import { metricCells, metricsOf } from "../../metrics.js";
import { key } from "../legend.js";
import { withPaths } from "../path-text.js";

/** The numbers of all nets, with the best ones marked. In narrow layouts without a head, each number names its net. */
export const numbersSection = (comparison: Comparison): Html => {
  const { nets, images } = comparison;
  const rows = metricsOf(comparison).map((metric) => {
    const cells = metricCells(metric, nets).map(({ text, isBest }, net) => {
      const label = html`<span class="own-key">${key(nets[net]?.label ?? "", net)}</span>`;
      return isBest ? html`<td class="best">${label}*${text}</td>` : html`<td>${label}${text}</td>`;
    });
    return html`<tr><th scope="row">${metric.name}<small>${metric.explained}</small></th>${cells}</tr>`;
  });
  const untested =
    images.kind === "none"
      ? html`<p>Not tested: ${withPaths(images.why)}. Accuracy, loss and agreement are left out.</p>`
      : html``;
  return html`<section><h2>Numbers</h2>
<p class="note">* marks the best if the nets differ.</p>${untested}
<table>
<thead><tr><td></td>${nets.map(({ label }, index) => html`<th scope="col">${key(label, index)}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></section>`;
};
