import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../../charts/render-chart.js";
import type { ComparedLayer, ComparedNet, LayerCodes } from "../../comparison.js";

const COLUMNS = 3;
const SPACING = 14;
/** Space for the axis of a row and the headers of the next. */
const ROW_SPACING = 52;
/** Space for the percents of the leftmost plots and half a label of the rightmost ones. */
const SIDE_MARGIN = 44;
const PLOT_WIDTH = (CHART_WIDTH - SIDE_MARGIN - SPACING * (COLUMNS - 1)) / COLUMNS;
/** The most bars of a plot; more codes are drawn in bins of neighbors. */
const MAX_BARS = 32;
/** Space at both ends of the axis from -1 to 1. */
const EDGE = 0.15;

/** The shares of a kernel's weights by their value before scaling, from -1 to 1. */
const bars = ({ counts }: LayerCodes): { value: number; share: number }[] => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const size = Math.max(1, counts.length / MAX_BARS);
  return Array.from({ length: counts.length / size }, (_, bin) => {
    const own = counts.slice(bin * size, (bin + 1) * size).reduce((sum, count) => sum + count, 0);
    const middle = bin * size + (size - 1) / 2;
    return { value: (2 * middle) / (counts.length - 1) - 1, share: own / total };
  });
};

/** The layers of a net with quantized weights. */
export const codedLayers = ({ layers }: ComparedNet): (ComparedLayer & { codes: LayerCodes })[] =>
  layers.flatMap((layer) => (layer.codes ? [{ ...layer, codes: layer.codes }] : []));

/**
 * A small histogram for every quantized layer, all with the same axis.
 * @param series the index of the net's color
 * @param labels of the layers by their index
 */
export const codeChart = (
  net: ComparedNet,
  series: number,
  labels: readonly string[],
): TopLevelSpec => {
  const labelOf = new Map(net.layers.map(({ name }, index) => [name, labels[index]]));
  const layers = codedLayers(net);
  const values = layers.flatMap(({ name, codes }) =>
    bars(codes).map((bar) => ({
      layer: `${labelOf.get(name)}\n${codes.entropyBits.toFixed(2)} bits`,
      ...bar,
    })),
  );
  const count = layers[0] ? bars(layers[0].codes).length : 1;
  const size = Math.min(14, (0.8 * PLOT_WIDTH) / count);
  return {
    data: { values },
    facet: {
      field: "layer",
      type: "nominal",
      sort: null,
      title: null,
      header: {
        title: null,
        labelExpr: "split(datum.label, '\\n')",
        labelLimit: PLOT_WIDTH,
        labelFontSize: 9,
      },
    },
    columns: COLUMNS,
    // Every plot has its own axis, even if a row is not full.
    resolve: { axis: { x: "independent" } },
    spacing: { column: SPACING, row: ROW_SPACING },
    // Without a screen, vega overestimates the width of headers.
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
