import { expect, test } from "vitest";
import { metricCells, metricsOf } from "../../../src/report/comparison/metrics.js";
import { madeUpComparison } from "./made-up-comparison.js";

test("the best speed is marked only if it is more than a tenth ahead of the second", () => {
  const comparison = madeUpComparison();
  const speed = metricsOf(comparison).find(({ name }) => name === "images per second");
  if (!speed) throw new Error("no speed");
  const marked = (...speeds: number[]) => {
    const nets = comparison.nets.map((net, at) => ({ ...net, imagesPerSecond: speeds[at] ?? 0 }));
    return metricCells(speed, nets).map(({ isBest }) => isBest);
  };
  expect(marked(1000, 1099, 900)).toEqual([false, false, false]);
  expect(marked(1000, 1101, 900)).toEqual([false, true, false]);
});
