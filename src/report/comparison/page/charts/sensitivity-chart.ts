import type { TopLevelSpec } from "vega-lite";
import { shownNames } from "../../../../base/shown-names.js";
import { CHART_WIDTH } from "../../../charts/render-chart.js";
import type { Sensitivity } from "../../../sensitivity/sensitivity.js";

/** Pixels of a row. */
const ROW = 16;

/** What single layers are changed by. */
export type ChangeKind = "channels" | "bits";

interface Cell {
  readonly layer: string;
  readonly index: number;
  /** Its place on the axis, from 0. */
  readonly place: number;
  readonly setting: string;
  readonly accuracy: number;
}

const channelCells = ({ channels }: Sensitivity): Cell[] =>
  channels.flatMap(({ names, points }, index) =>
    points.map(({ share, accuracy }, place) => ({
      ...{ layer: shownNames(names, 1), index, place, accuracy },
      setting: `${Number((100 * share).toFixed(1))}%`,
    })),
  );

const bitCells = ({ bits }: Sensitivity): Cell[] =>
  bits.flatMap(({ name, points }, index) =>
    points.map((point, place) => ({
      ...{ layer: name, index, place, accuracy: point.accuracy },
      setting: String(point.bits),
    })),
  );

const TITLES: Readonly<Record<ChangeKind, string>> = {
  channels: "channels pruned",
  bits: "bits of the weights",
};

/** Accuracy by layer and change: a row per layer, a column per share or number of bits. The darker, the less is lost. */
export const sensitivityChart = (result: Sensitivity, kind: ChangeKind): TopLevelSpec => {
  const values = kind === "channels" ? channelCells(result) : bitCells(result);
  const rows = new Set(values.map(({ index }) => index)).size;
  const axes = {
    x: {
      field: "setting",
      type: "nominal",
      sort: { field: "place" },
      axis: { title: TITLES[kind], labelAngle: 0, ticks: false, domain: false, orient: "top" },
    },
    y: {
      field: "layer",
      type: "nominal",
      sort: { field: "index" },
      axis: { title: null, ticks: false, domain: false, labelLimit: CHART_WIDTH / 2.5 },
    },
  } as const;
  return {
    data: { values },
    width: CHART_WIDTH,
    height: rows * ROW + 45,
    autosize: { type: "fit", contains: "padding" },
    encoding: axes,
    layer: [
      {
        mark: { type: "rect", color: "var(--series-0)" },
        encoding: {
          opacity: {
            field: "accuracy",
            type: "quantitative",
            scale: { domain: [0, result.whole.accuracy], range: [0, 0.6], clamp: true },
            legend: null,
          },
        },
      },
      {
        mark: { type: "text", fontSize: 10, color: "var(--text)" },
        encoding: { text: { field: "accuracy", type: "quantitative", format: ".1f" } },
      },
    ],
  };
};
