import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../../charts/render-chart.js";
import type { ComparedNet } from "../../comparison.js";
import { type ChartScale, chartScale } from "./chart-scale.js";
import { placeLabels } from "./place-labels.js";

/** Pixels around the plot, for the axes and half of their last labels. */
const PADDING = { left: 56, right: 16, top: 8, bottom: 38 };
const PLOT = { width: CHART_WIDTH - PADDING.left - PADDING.right, height: 194 };

/** The costs of a net, with the title of their axis. */
export const COSTS = {
  packedBytes: "packed size (bytes)",
  macs: "MACs, one image",
  peakActivationBytes: "peak activations (bytes)",
} as const;

const axisScale = ({ domain, isLog }: ChartScale) => ({
  domain: [...domain],
  nice: false,
  ...(isLog ? { type: "log" as const } : { zero: false }),
});

/** Accuracy against a cost, with one point per net. */
export const accuracyChart = (
  nets: readonly ComparedNet[],
  cost: keyof typeof COSTS,
): TopLevelSpec => {
  const points = nets.flatMap(({ label, test, ...net }) =>
    test ? [{ label, cost: net[cost], accuracy: test.accuracy }] : [],
  );
  const measure = nets.some(({ test }) => test?.detection) ? "mAP@0.5" : "accuracy";
  const costs = chartScale(
    points.map((point) => point.cost),
    { mayBeLog: true },
  );
  const accuracies = chartScale(
    points.map(({ accuracy }) => accuracy),
    { mayBeLog: false },
  );
  const dots = points.map((point) => ({
    label: point.label,
    x: PLOT.width * costs.position(point.cost),
    y: PLOT.height * (1 - accuracies.position(point.accuracy)),
  }));
  return {
    ...PLOT,
    padding: PADDING,
    autosize: { type: "none" },
    layer: [
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 90, opacity: 1 },
        encoding: {
          x: {
            field: "cost",
            type: "quantitative",
            scale: axisScale(costs),
            axis: {
              title: `${COSTS[cost]}${costs.isLog ? ", logarithmic" : ""}`,
              format: ".3~s",
              tickCount: 4,
              // A label moved into the plot could overlap its neighbor.
              labelFlush: false,
              labelOverlap: "greedy",
              labelSeparation: 6,
              ...(costs.ticks && { values: [...costs.ticks] }),
            },
          },
          y: {
            field: "accuracy",
            type: "quantitative",
            scale: axisScale(accuracies),
            // The title is placed explicitly: without a screen, vega overestimates the width of labels.
            axis: { title: `${measure} (%)`, tickCount: 6, titleX: -42 },
          },
          color: {
            field: "label",
            type: "nominal",
            scale: { domain: nets.map(({ label }) => label) },
            legend: null,
          },
        },
      },
      {
        data: { values: [...placeLabels(dots, PLOT)] },
        mark: {
          type: "text",
          align: "left",
          baseline: "middle",
          fontWeight: "bold",
          fontSize: 12,
          color: "var(--text)",
        },
        encoding: {
          text: { field: "text" },
          x: { field: "x", type: "quantitative", scale: null },
          y: { field: "y", type: "quantitative", scale: null },
        },
      },
    ],
    resolve: { scale: { x: "independent", y: "independent" } },
  };
};
