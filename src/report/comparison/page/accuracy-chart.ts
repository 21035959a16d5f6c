import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../charts/render-chart.js";
import type { ComparedNet } from "../comparison.js";

/** Costs that differ more than this lie too close together on a plain axis. */
const LOG_RATIO = 8;
/** Points that are nearer than these shares of the axes have one label. */
const NEAR = { cost: 0.06, accuracy: 0.08 };

/** What a net costs, with the axis that shows it. */
export const COSTS = {
  packedBytes: "packed size (bytes)",
  macs: "MACs, one image",
  peakActivationBytes: "peak activations (bytes)",
} as const;

interface Point {
  readonly label: string;
  readonly cost: number;
  readonly accuracy: number;
}

/** Points with their labels; one that lies at an earlier one adds its own to that one's. */
const labelled = (points: readonly Point[], place: (cost: number) => number) => {
  const span = (values: readonly number[]): number =>
    Math.max(...values) - Math.min(...values) || 1;
  const width = span(points.map(({ cost }) => place(cost)));
  const height = span(points.map(({ accuracy }) => accuracy));
  const isNear = (one: Point, other: Point): boolean =>
    Math.abs(place(one.cost) - place(other.cost)) / width < NEAR.cost &&
    Math.abs(one.accuracy - other.accuracy) / height < NEAR.accuracy;
  const leaderOf = (point: Point): Point => points.find((each) => isNear(each, point)) ?? point;
  return points.map((point) => ({
    ...point,
    text: points
      .filter((each) => leaderOf(each) === point)
      .map(({ label }) => label)
      .join(", "),
  }));
};

/** Accuracy against what a net costs, a point a net. */
export const accuracyChart = (
  nets: readonly ComparedNet[],
  cost: keyof typeof COSTS,
): TopLevelSpec => {
  const points = nets.flatMap(({ label, test, ...net }) =>
    test ? [{ label, cost: net[cost], accuracy: test.accuracy }] : [],
  );
  const costs = points.map((point) => point.cost);
  const isLog = Math.max(...costs) > LOG_RATIO * Math.min(...costs);
  return {
    data: { values: labelled(points, isLog ? Math.log : Number) },
    width: CHART_WIDTH,
    height: 240,
    autosize: { type: "fit", contains: "padding" },
    encoding: {
      x: {
        field: "cost",
        type: "quantitative",
        // A logarithmic axis has no zero to leave out.
        scale: isLog ? { type: "log", padding: 24 } : { zero: false, padding: 24 },
        axis: {
          title: `${COSTS[cost]}${isLog ? ", logarithmic" : ""}`,
          format: ".3~s",
          tickCount: 4,
          // Its lines stand between all tens.
          grid: !isLog,
        },
      },
      y: {
        field: "accuracy",
        type: "quantitative",
        scale: { zero: false, padding: 24 },
        axis: { title: "accuracy (%)", tickCount: 6 },
      },
    },
    layer: [
      {
        mark: { type: "point", filled: true, size: 90, opacity: 1 },
        encoding: {
          color: { field: "label", type: "nominal", sort: null, legend: null },
        },
      },
      {
        mark: {
          type: "text",
          dx: 9,
          align: "left",
          fontWeight: "bold",
          fontSize: 12,
          color: "var(--text)",
        },
        encoding: { text: { field: "text" } },
      },
    ],
  };
};
