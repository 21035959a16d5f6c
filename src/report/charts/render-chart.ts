import type { TopLevelSpec } from "vega-lite";
import { visibleLines } from "../../base/visible-text.js";
import { loadVega } from "./load-vega.js";

/** The width of a chart in pixels. It fits the narrowest phones, so that text is never scaled down. */
export const CHART_WIDTH = 340;

/** The number of series with a color of their own. */
export const SERIES_COLORS = 8;

/** Colors are CSS variables, so that the page sets them, in light and dark mode. */
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
    category: Array.from({ length: SERIES_COLORS }, (_, series) => `var(--series-${series})`),
  },
} as const;

/**
 * Draws a chart as SVG for an HTML page whose CSS has the variables `--text`, `--muted`, `--line` and `--series-0` to
 * `--series-7`. Texts from the data are escaped.
 * @throws QpruneError if the library is not installed.
 */
export const renderChart = async (spec: TopLevelSpec): Promise<string> => {
  const { vega, vegaLite } = await loadVega();
  const compiled = vegaLite.compile({ ...spec, config: CONFIG } as TopLevelSpec).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    // A chart may contain names from files; no character of them may be invisible.
    return visibleLines(await view.toSVG());
  } finally {
    view.finalize();
  }
};
