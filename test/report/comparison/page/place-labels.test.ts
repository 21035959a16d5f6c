import { expect, test } from "vitest";
import { chartScale } from "../../../../src/report/comparison/page/charts/chart-scale.js";
import { placeLabels } from "../../../../src/report/comparison/page/charts/place-labels.js";

const PLOT = { width: 270, height: 190 };

test("dots that lie over each other have one label", () => {
  const dots = [
    { label: "E", x: 50, y: 50 },
    { label: "A", x: 200, y: 50 },
    { label: "F", x: 60, y: 52 },
  ];
  expect(placeLabels(dots, PLOT).map(({ text }) => text)).toEqual(["A", "E, F"]);
});

test("a label is placed inside the plot where it covers no dot and no other label", () => {
  const dots = [
    { label: "A", x: 50, y: 50 },
    { label: "B", x: 66, y: 50 },
    { label: "C", x: 265, y: 100 },
  ];
  const [a, b, c] = placeLabels(dots, PLOT);
  expect(a?.x).toBeLessThan(44);
  expect(b?.x).toBeGreaterThan(72);
  expect(c?.x).toBeLessThan(259);
});

test("an axis follows its values, and has ticks of its own if it is logarithmic", () => {
  const plain = chartScale([60, 70], { mayBeLog: false });
  expect(plain.domain).toEqual([59, 71]);
  expect(plain.position(65)).toBeCloseTo(0.5, 12);
  const log = chartScale([17_000, 259_000], { mayBeLog: true });
  expect(log.ticks).toEqual([20_000, 50_000, 100_000, 200_000]);
  const one = chartScale([100], { mayBeLog: true });
  expect(one.domain[0]).toBeLessThan(100);
  expect(one.position(100)).toBeCloseTo(0.5, 12);
});
