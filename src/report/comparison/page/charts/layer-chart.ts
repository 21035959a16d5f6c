import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../../charts/render-chart.js";
import type { ComparedNet } from "../../comparison.js";
import { layerLabels } from "./layer-labels.js";

/** Pixels of one net's bar, and of the space between two layers. */
const BAR = 7;
const GAP = 8;

/** The numbers of a layer, with the title of their axis. */
export const LAYER_NUMBERS = {
  width: "output channels",
  parameters: "parameters",
  macs: "MACs, one image",
} as const;

/** A number of every layer as bars, the nets next to each other. */
export const layerChart = (
  nets: readonly ComparedNet[],
  number: keyof typeof LAYER_NUMBERS,
): TopLevelSpec => {
  const labels = layerLabels(nets);
  const values = nets.flatMap(({ label, layers }) =>
    layers.map((layer, index) => ({ label, layer: labels[index], index, value: layer[number] })),
  );
  return {
    data: { values },
    width: CHART_WIDTH,
    height: labels.length * (nets.length * BAR + GAP) + 45,
    autosize: { type: "fit", contains: "padding" },
    mark: { type: "bar" },
    encoding: {
      x: {
        field: "value",
        type: "quantitative",
        axis: { title: LAYER_NUMBERS[number], format: ".3~s", tickCount: 4 },
      },
      y: {
        field: "layer",
        type: "nominal",
        sort: { field: "index" },
        scale: { paddingInner: GAP / (nets.length * BAR + GAP) },
        axis: { title: null, ticks: false, domain: false },
      },
      yOffset: { field: "label", type: "nominal", sort: null },
      color: { field: "label", type: "nominal", sort: null, legend: null },
    },
  };
};
