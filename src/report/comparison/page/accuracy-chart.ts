import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../charts/render-chart.js";
import type { ComparedNet } from "../comparison.js";

/** Sizes that differ more than this lie too close together on a plain axis. */
const LOG_RATIO = 8;

/** Accuracy against packed size, a point a net. */
export const accuracyChart = (nets: readonly ComparedNet[]): TopLevelSpec => {
  const values = nets.map(({ label, packedBytes, test }) => ({
    label,
    kilobytes: packedBytes / 1e3,
    accuracy: test?.accuracy,
  }));
  const sizes = values.map(({ kilobytes }) => kilobytes);
  const isLog = Math.max(...sizes) > LOG_RATIO * Math.min(...sizes);
  return {
    data: { values },
    width: CHART_WIDTH,
    height: 240,
    autosize: { type: "fit", contains: "padding" },
    encoding: {
      x: {
        field: "kilobytes",
        type: "quantitative",
        scale: { type: isLog ? "log" : "linear", zero: false, padding: 24 },
        axis: {
          title: isLog ? "packed size (kB, logarithmic)" : "packed size (kB)",
          format: "~s",
          tickCount: 5,
        },
      },
      y: {
        field: "accuracy",
        type: "quantitative",
        scale: { zero: false, padding: 24 },
        axis: { title: "accuracy (%)", tickCount: 6 },
      },
      color: { field: "label", type: "nominal", sort: null, legend: null },
    },
    layer: [
      { mark: { type: "point", filled: true, size: 90, opacity: 1 } },
      {
        mark: { type: "text", dy: -12, fontWeight: "bold", fontSize: 12 },
        encoding: { text: { field: "label" } },
      },
    ],
  };
};
