import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../charts/render-chart.js";
import type { ComparedLayer, ComparedNet, LayerCodes } from "../comparison.js";

const COLUMNS = 3;
const SPACING = 14;
/** Room for the axis of a row and the headers of the next. */
const ROW_SPACING = 40;
/** Room for the percents at the left plots and half a label at the right. */
const SIDE_MARGIN = 44;
const PLOT_WIDTH = (CHART_WIDTH - SIDE_MARGIN - SPACING * (COLUMNS - 1)) / COLUMNS;
/** More codes are drawn in bins of neighbours. */
const MOST_BARS = 32;
/** Room at both ends of the axis from -1 to 1. */
const EDGE = 0.15;

/** Shares of a kernel's weights by their value before the scale, from -1 to 1. */
const bars = ({ counts }: LayerCodes): { value: number; share: number }[] => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const size = Math.max(1, counts.length / MOST_BARS);
  return Array.from({ length: counts.length / size }, (_, bin) => {
    const own = counts.slice(bin * size, (bin + 1) * size).reduce((sum, count) => sum + count, 0);
    const middle = bin * size + (size - 1) / 2;
    return { value: (2 * middle) / (counts.length - 1) - 1, share: own / total };
  });
};

/** The layers of a net whose weights have codes. */
export const codedLayers = ({ layers }: ComparedNet): (ComparedLayer & { codes: LayerCodes })[] =>
  layers.flatMap((layer) => (layer.codes ? [{ ...layer, codes: layer.codes }] : []));

/** A small histogram for every quantized layer, all to one scale; `series` is the number of the net's colour. */
export const codeChart = (net: ComparedNet, series: number): TopLevelSpec => {
  const numbers = new Map(net.layers.map(({ name }, at) => [name, at]));
  const layers = codedLayers(net);
  const values = layers.flatMap(({ name, codes }) =>
    bars(codes).map((bar) => ({
      layer: `conv ${numbers.get(name)}: ${codes.entropyBits.toFixed(2)} bits`,
      ...bar,
    })),
  );
  const count = layers[0] ? bars(layers[0].codes).length : 1;
  const size = Math.min(14, (0.8 * PLOT_WIDTH) / count);
  return {
    data: { values },
    facet: { field: "layer", type: "nominal", sort: null, title: null, header: { title: null } },
    columns: COLUMNS,
    // Every plot has its own axis, also where a row is not full.
    resolve: { axis: { x: "independent" } },
    spacing: { column: SPACING, row: ROW_SPACING },
    // Headers fit; without a screen the library takes them for wider than they are.
    bounds: "flush",
    spec: {
      width: PLOT_WIDTH,
      height: 46,
      mark: { type: "bar", size, color: `var(--series-${series})` },
      encoding: {
        x: {
          field: "value",
          type: "quantitative",
          scale: { domain: [-1 - EDGE, 1 + EDGE], nice: false },
          axis: { values: [-1, 0, 1], title: null, grid: false, format: "d" },
        },
        y: {
          field: "share",
          type: "quantitative",
          axis: { title: null, format: "~%", tickCount: 2, labelFontSize: 9, labelLimit: 32 },
        },
      },
    },
  };
};
