import { expect, test } from "vitest";
import { graphCost } from "../../src/graph/cost.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import { prunedGraph } from "../../src/prune/apply/pruned-graph.js";
import { channelMap } from "../../src/prune/channels/coupled-layers.js";
import { importancePerCost } from "../../src/prune/importance/per-cost.js";
import { createPlanner, type PlannerOptions } from "../../src/prune/plan/make-plan.js";
import type { KeptChannels } from "../../src/prune/plan/plan.js";

/** Two convolutions of 4 and 8 filters on 8x8 and 4x4 pixels, then 3 classes. */
const graph = (() => {
  const g = createGraphBuilder({ height: 8, width: 8, channels: 3 });
  const one = g.relu(g.conv("one", g.images, { filters: 4, kernel: 3, padding: 1 }));
  const two = g.relu(g.conv("two", one, { filters: 8, kernel: 3, stride: 2, padding: 1 }));
  return g.finish(g.dense("fc", g.globalPool(two), { features: 3 }));
})();

const map = channelMap(graph);

const optionsFor = (importance: readonly number[][], leastWidth = 1): PlannerOptions => ({
  map,
  layers: ["one", "two"].map((name) => {
    const found = map.coupled.find(({ names }) => names.includes(name));
    if (!found) throw new Error(name);
    return found;
  }),
  importance: importance.map((each) => Float64Array.from(each)),
  multiple: 1,
  leastWidth,
});

const macs = (channels: KeptChannels): number => graphCost(prunedGraph(graph, channels)).macs;

/** A channel of `one` saves its filter on 64 pixels, and its part of the filters of `two` on 16. */
const WHOLE = 64 * 27 * 4 + 16 * 36 * 8 + 8 * 3;
const SAVED = { one: 64 * 27 + 16 * 9 * 8, two: 16 * 36 + 3 };

test("importance is divided by the share of the cost that a channel saves", () => {
  expect(macs(new Map())).toBe(WHOLE);
  const ones = optionsFor([Array(4).fill(1), Array(8).fill(2)]);
  const [one, two] = importancePerCost(ones, macs);
  for (const value of one ?? []) expect(value).toBeCloseTo(WHOLE / SAVED.one, 9);
  for (const value of two ?? []) expect(value).toBeCloseTo((2 * WHOLE) / SAVED.two, 9);
});

test("equally important channels are pruned where they cost most", () => {
  const options = optionsFor([Array(4).fill(1), Array(8).fill(1)]);
  const importance = importancePerCost(options, macs);
  const plan = createPlanner({ ...options, importance })({ kind: "global", percent: 0.3 });
  expect(plan.layers.map(({ kept }) => kept)).toEqual([1, 8]);
});

test("layers that cannot become smaller keep their importance", () => {
  const options = optionsFor([[1, 2, 3, 4], Array(8).fill(1)], 4);
  const [one, two] = importancePerCost(options, macs);
  expect([...(one ?? [])]).toEqual([1, 2, 3, 4]);
  expect(two?.[0]).toBeCloseTo(WHOLE / SAVED.two, 9);
});
