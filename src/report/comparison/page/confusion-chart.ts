import type { TopLevelSpec } from "vega-lite";
import { visibleText } from "../../../base/visible-text.js";
import { CHART_WIDTH } from "../../charts/render-chart.js";
import type { ComparedTest } from "../comparison.js";

/** Up to so many classes have room for their names and numbers. */
const MOST_NAMED = 12;
/** A cell darker than this has a light number. */
const DARK = 0.75;
/** A zero is dim, so that the other numbers stand out. */
const ZERO_OPACITY = 0.45;
/** Names up to so many letters have room beside each other. */
const SHORT_NAME = 2;
/** Names that are longer are cut. */
const NAME_PIXELS = 100;

/** How strong a cell is: the root of its share of the row, so that rare mistakes are seen. */
const strengthOf = (count: number, row: readonly number[]): number => {
  const total = row.reduce((sum, each) => sum + each, 0);
  return total === 0 ? 0 : Math.sqrt(count / total);
};

/** Names of columns stand upright where they are short. */
const columnNames = (classNames: readonly string[]) =>
  classNames.every(({ length }) => length <= SHORT_NAME)
    ? { labelAngle: 0 }
    : { labelAngle: -60, labelAlign: "right" as const };

/** Images by their class (rows) and by the class that a net gives them (columns). */
export const confusionChart = (
  { confusion }: ComparedTest,
  classNames: readonly string[],
): TopLevelSpec => {
  const isNamed = classNames.length <= MOST_NAMED;
  const values = confusion.flatMap((row, truth) =>
    row.map((count, chosen) => ({
      truth,
      chosen,
      count,
      isRight: truth === chosen,
      strength: strengthOf(count, row),
    })),
  );
  // Numbers and not names tell the classes: two may have the same name.
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
        axis: { ...axis, ...columnNames(classNames), title: "class that the net gives" },
      },
      y: { field: "truth", type: "ordinal", axis: { ...axis, title: "class of the image" } },
    },
    layer: isNamed ? [grid, numbers] : [grid],
  };
};
