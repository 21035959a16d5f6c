import fc from "fast-check";
import { expect, test } from "vitest";
import { checkGraph } from "../../src/graph/check-graph.js";
import { type Graph, type NodeOf, shapesOf } from "../../src/graph/graph.js";
import type { Model, WeightValue } from "../../src/graph/model.js";
import { channelsOf } from "../../src/graph/shape.js";
import { weightedNodes } from "../../src/graph/stored-form.js";
import { type ConstantReport, foldConstants } from "../../src/prune/apply/fold-constants.js";
import { maskModel } from "../../src/prune/apply/mask-model.js";
import { pruneWeights } from "../../src/prune/apply/prune-weights.js";
import { channelMap } from "../../src/prune/channels/coupled-layers.js";
import { channelImportance } from "../../src/prune/importance/importance.js";
import { makePlan } from "../../src/prune/plan/make-plan.js";
import type { KeptChannels, PrunePlan } from "../../src/prune/plan/plan.js";
import { interpret } from "../graph/interpret.js";
import { randomImage, randomModel } from "../graph/random-model.js";
import { randomGraph } from "./random-graphs.js";

/** Folded constants are rounded to float32; all else is computed in float64. */
const TOLERANCE = 1e-5;

const logitsOf = (model: Model): Float64Array =>
  interpret(model, randomImage(model.graph, 3)).get("logits") ?? new Float64Array();

const expectEqual = (small: Float64Array, large: Float64Array): void => {
  const largest = Math.max(...large.map(Math.abs), Number.MIN_VALUE);
  const differences = small.map((value, at) => Math.abs(value - (large[at] ?? Number.NaN)));
  expect(Math.max(...differences) / largest).toBeLessThanOrEqual(TOLERANCE);
};

interface Cut {
  readonly graph: Graph;
  readonly seed: number;
  readonly percent: number;
  readonly multiple: number;
}

const cuts = fc.record({
  graph: randomGraph,
  seed: fc.nat(1000),
  percent: fc.oneof(
    fc.constantFrom(0, 0.3, 0.5, 0.8, 1),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  multiple: fc.constantFrom(1, 1, 2, 3, 4),
});

const planned = ({ graph, seed, percent, multiple }: Cut): { model: Model; plan: PrunePlan } => {
  const model = randomModel(graph, seed);
  const map = channelMap(graph);
  const layers = map.coupled.filter(({ fixedBecause }) => fixedBecause === undefined);
  const of = channelImportance(model, map, {
    criterion: { kind: "l1" },
    combine: "mean",
    isRelative: true,
  });
  const importance = layers.map((each) => of(each) ?? new Float64Array());
  const share = { kind: "global", percent } as const;
  return { model, plan: makePlan({ map, layers, importance, share, multiple }) };
};

/** A kernel whose weights for the inputs that do not stay are 0. */
const withoutInputs = (
  kernel: WeightValue,
  inputs: number,
  keep: readonly number[],
): WeightValue => {
  if (kernel.kind !== "float") throw new Error("the kernel is quantized");
  const [filters = 1, perGroup = 1] = kernel.shape;
  const groups = inputs / perGroup;
  const area = kernel.values.length / filters / perGroup;
  const values = kernel.values.map((value, index) => {
    const filter = Math.floor(index / (perGroup * area));
    const group = Math.floor((filter * groups) / filters);
    const input = group * perGroup + (Math.floor(index / area) % perGroup);
    return keep.includes(input) ? value : 0;
  });
  return { ...kernel, values };
};

/** The model in which some layers do not read the channels that go. */
const unread = (model: Model, channels: KeptChannels, names: readonly string[]): Model => {
  const weights = new Map(model.weights);
  for (const node of weightedNodes(model.graph)) {
    const keep = channels.get(node.inputs[0] ?? "");
    const kernel = weights.get(`${node.name}.weight`);
    if (!keep || !kernel || !names.includes(node.name)) continue;
    const inputs = channelsOf(shapesOf(model.graph).get(node.inputs[0] ?? "") ?? []);
    weights.set(`${node.name}.weight`, withoutInputs(kernel, inputs, keep));
  }
  return { graph: model.graph, weights };
};

const isMixing = (graph: Graph, node: NodeOf<"conv" | "dense">): boolean =>
  node.kind === "dense" ||
  node.groups === 1 ||
  node.groups !== channelsOf(shapesOf(graph).get(node.inputs[0] ?? "") ?? []);

const layerNames = (graph: Graph): string[] =>
  weightedNodes(graph)
    .filter((node) => isMixing(graph, node))
    .map(({ name }) => name);

test("a smaller graph computes what the large one does whose layers do not read the pruned channels", () => {
  let pruned = 0;
  fc.assert(
    fc.property(cuts, (cut) => {
      const { model, plan } = planned(cut);
      const small = pruneWeights(model, plan.channels);
      checkGraph(small.graph, "small");
      if (plan.channels.size > 0) pruned++;
      expectEqual(logitsOf(small), logitsOf(unread(model, plan.channels, layerNames(cut.graph))));
    }),
    { numRuns: 150 },
  );
  expect(pruned).toBeGreaterThan(75);
});

/** Layers of which some constants were dropped. */
const dropping = (reports: readonly ConstantReport[]): string[] =>
  reports.flatMap(({ into, droppedBecause }) => (droppedBecause ? [into] : []));

test("with its constants folded it equals the large one with pruned filters and gammas of 0", () => {
  const counts = { folded: 0, dropped: 0 };
  fc.assert(
    fc.property(cuts, (cut) => {
      const { model, plan } = planned(cut);
      const { model: folded, reports } = foldConstants(model, plan.channels);
      const dropped = dropping(reports);
      counts.folded += reports.length - dropped.length;
      counts.dropped += dropped.length;
      const small = pruneWeights(folded, plan.channels);
      checkGraph(small.graph, "small");
      const masked = maskModel(model, plan.channels, "stay");
      expectEqual(logitsOf(small), logitsOf(unread(masked, plan.channels, dropped)));
    }),
    { numRuns: 150 },
  );
  expect(counts.folded).toBeGreaterThan(60);
  expect(counts.dropped).toBeGreaterThan(30);
});

test("widths are multiples, or the layer is whole", () => {
  fc.assert(
    fc.property(cuts, (cut) => {
      const { model, plan } = planned(cut);
      const { graph } = pruneWeights(model, plan.channels);
      const shapes = shapesOf(graph);
      for (const [index, node] of weightedNodes(graph).entries()) {
        const before = weightedNodes(cut.graph)[index] as typeof node;
        const width = channelsOf(shapes.get(node.name) ?? []);
        const whole = before.kind === "conv" ? before.filters : before.features;
        expect(width === whole || width % cut.multiple === 0).toBe(true);
        expect(width).toBeGreaterThan(0);
      }
    }),
    { numRuns: 150 },
  );
});
