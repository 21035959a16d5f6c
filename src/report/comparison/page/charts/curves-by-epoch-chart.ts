import type { TopLevelSpec } from "vega-lite";
import { CHART_WIDTH } from "../../../charts/render-chart.js";
import type { ComparedEpoch, ComparedNet } from "../../comparison.js";

/** With at most this many epochs, each is drawn as a point, too. */
const MAX_POINTS = 30;

const KINDS = {
  accuracy: { title: "accuracy (%)", train: "trainAccuracy", test: "testAccuracy" },
  loss: { title: "loss", train: "trainLoss", test: "testLoss" },
} as const;

const pointsOf = (
  label: string,
  epochs: readonly ComparedEpoch[],
  { train, test }: (typeof KINDS)[keyof typeof KINDS],
) =>
  epochs.flatMap((each) => [
    { label, set: "test", epoch: each.epoch, value: each[test] },
    { label, set: "train", epoch: each.epoch, value: each[train] },
  ]);

const titleOf = (nets: readonly ComparedNet[], kind: keyof typeof KINDS): string =>
  kind === "accuracy" && nets.some(({ test }) => test?.detection)
    ? "mAP@0.5 (%)"
    : KINDS[kind].title;

/** Accuracy or loss by epoch, for nets with a known history: test results as solid lines, training results dashed. */
export const curvesByEpochChart = (
  nets: readonly ComparedNet[],
  kind: keyof typeof KINDS,
): TopLevelSpec => {
  const values = nets.flatMap(({ label, history }) =>
    history.kind === "found" ? pointsOf(label, history.epochs, KINDS[kind]) : [],
  );
  const most = Math.max(...values.map(({ epoch }) => epoch));
  return {
    data: { values: values.filter(({ value }) => value !== null) },
    width: CHART_WIDTH,
    height: 220,
    autosize: { type: "fit", contains: "padding" },
    mark: { type: "line", strokeWidth: 1.5, point: most <= MAX_POINTS && { size: 14 } },
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative",
        scale: { zero: false, nice: false, padding: 6 },
        axis: { title: "epoch", format: "d", tickMinStep: 1, tickCount: 6, grid: false },
      },
      y: {
        field: "value",
        type: "quantitative",
        scale: { zero: false },
        axis: { title: titleOf(nets, kind), tickCount: 6 },
      },
      color: {
        field: "label",
        type: "nominal",
        // Every net keeps its color, even if the history of another is unknown.
        scale: { domain: nets.map(({ label }) => label) },
        legend: null,
      },
      strokeDash: {
        field: "set",
        type: "nominal",
        scale: { domain: ["test", "train"], range: [[], [4, 3]] },
        legend: null,
      },
    },
  };
};
