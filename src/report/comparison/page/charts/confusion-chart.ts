import type { TopLevelSpec } from "vega-lite";
import { visibleText } from "../../../../base/visible-text.js";
import { CHART_WIDTH } from "../../../charts/render-chart.js";
import type { ComparedTest } from "../../comparison.js";

/** The most classes for which there is room for names and numbers. */
const MAX_NAMED = 12;
/** A darker cell has a light number. */
const DARK = 0.75;
/** Zeros are dimmed, so that the other numbers stand out. */
const ZERO_OPACITY = 0.45;
/** Names with at most this many letters fit next to each other. */
const SHORT_NAME = 2;
/** Longer names are truncated. */
const NAME_PIXELS = 100;

/** The strength of a cell's color: the square root of its share of the row, so that rare mistakes are visible. */
const strengthOf = (count: number, row: readonly number[]): number => {
  const total = row.reduce((sum, each) => sum + each, 0);
  return total === 0 ? 0 : Math.sqrt(count / total);
};

/** Short column names are upright, longer ones slanted. */
const columnNames = (classNames: readonly string[]) =>
  classNames.every(({ length }) => length <= SHORT_NAME)
    ? { labelAngle: 0 }
    : { labelAngle: -60, labelAlign: "right" as const };

/** Images by their true class (rows) and predicted class (columns). */
export const confusionChart = (
  { confusion }: ComparedTest,
  classNames: readonly string[],
): TopLevelSpec => {
  const isNamed = classNames.length <= MAX_NAMED;
  const values = confusion.flatMap((row, truth) =>
    row.map((count, chosen) => ({
      truth,
      chosen,
      count,
      isRight: truth === chosen,
      strength: strengthOf(count, row),
    })),
  );
  // The axes use class indices, since two classes may have the same name.
  const labelExpr = `${JSON.stringify(classNames.map(visibleText))}[datum.value]`;
  const axis = { ticks: false, domain: false, labels: isNamed, labelExpr, labelLimit: NAME_PIXELS };
  const grid = {
    mark: { type: "rect" as const, stroke: "var(--bg)", strokeWidth: isNamed ? 1 : 0 },
    encoding: {
      color: {
        field: "isRight",
        type: "nominal" as const,
        scale: { domain: [true, false], range: ["var(--right)", "var(--wrong)"] },
        legend: null,
      },
      fillOpacity: {
        field: "strength",
        type: "quantitative" as const,
        scale: { domain: [0, 1], range: [0, 1] },
        legend: null,
      },
    },
  };
  const numbers = {
    mark: { type: "text" as const, fontSize: 9 },
    encoding: {
      text: { field: "count" },
      opacity: { condition: { test: "datum.count === 0", value: ZERO_OPACITY }, value: 1 },
      color: {
        condition: { test: `datum.strength > ${DARK}`, value: "var(--on-strong)" },
        value: "var(--text)",
      },
    },
  };
  return {
    data: { values },
    width: CHART_WIDTH,
    height: CHART_WIDTH,
    autosize: { type: "fit", contains: "padding" },
    encoding: {
      x: {
        field: "chosen",
        type: "ordinal",
        axis: { ...axis, ...columnNames(classNames), title: "predicted class" },
      },
      y: { field: "truth", type: "ordinal", axis: { ...axis, title: "true class" } },
    },
    layer: isNamed ? [grid, numbers] : [grid],
  };
};
