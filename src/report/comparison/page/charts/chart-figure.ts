import type { TopLevelSpec } from "vega-lite";
import { renderChart } from "../../../charts/render-chart.js";
import { type Html, html, trusted } from "../../../html.js";

/** A chart with a title above and a caption below it. */
export const chartFigure = async (
  spec: TopLevelSpec,
  { title = html``, caption = "" }: { readonly title?: Html; readonly caption?: string } = {},
): Promise<Html> => {
  const chart = trusted(await renderChart(spec));
  const below = caption === "" ? html`` : html`<figcaption>${caption}</figcaption>`;
  return html`<figure>${title}${chart}${below}</figure>`;
};
