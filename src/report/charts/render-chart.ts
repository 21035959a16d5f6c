import type { TopLevelSpec } from "vega-lite";
import { visibleLines } from "../../base/visible-text.js";
import { loadVega } from "./load-vega.js";

/** The width of a chart in pixels: what the narrowest phones have, so that its text is never scaled down. */
export const CHART_WIDTH = 340;

/** How many series have a colour of their own. */
export const SERIES_COLOURS = 8;

/** Colours are names of CSS variables, so that the page that holds the chart sets them, light and dark. */
const CONFIG = {
  background: "transparent",
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    labelColor: "var(--muted)",
    titleColor: "var(--muted)",
    titleFontWeight: "normal",
    domainColor: "var(--line)",
    tickColor: "var(--line)",
    gridColor: "var(--line)",
    labelFontSize: 11,
    titleFontSize: 11,
  },
  header: { labelColor: "var(--text)", labelFontSize: 10, labelPadding: 2 },
  range: {
    category: Array.from({ length: SERIES_COLOURS }, (_, at) => `var(--series-${at})`),
  },
} as const;

/**
 * Draws a chart as a piece of SVG, for an HTML page whose CSS has the variables `--text`, `--muted`, `--line` and
 * `--series-0` to `--series-7`. Texts of the data are escaped.
 * @throws QpruneError where the library is not installed.
 */
export const renderChart = async (spec: TopLevelSpec): Promise<string> => {
  const { vega, vegaLite } = await loadVega();
  const compiled = vegaLite.compile({ ...spec, config: CONFIG } as TopLevelSpec).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    // Whatever a chart writes of a name, nothing in it may be out of sight.
    return visibleLines(await view.toSVG());
  } finally {
    view.finalize();
  }
};
