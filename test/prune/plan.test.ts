import fc from "fast-check";
import { expect, test } from "vitest";
import { shuffledPosition } from "../../src/graph/channel-relation.js";
import { graphCost } from "../../src/graph/cost.js";
import type { Model } from "../../src/graph/model.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { netCost } from "../../src/models/chains/chain-cost.js";
import type { ChainSpec, ConvSpec } from "../../src/models/chains/chain-spec.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import { checkSpec } from "../../src/models/chains/check-chain.js";
import { widthBase } from "../../src/models/chains/widths.js";
import { chainSpecOf, specOfModel } from "../../src/models/net-spec.js";
import { prunedGraph } from "../../src/prune/apply/pruned-graph.js";
import { filterNorms, medianDistances } from "../../src/prune/importance/filter-scores.js";
import type { PruneShare } from "../../src/prune/plan/make-plan.js";
import type { KeptChannels, PrunePlan } from "../../src/prune/plan/plan.js";
import { percentForCost } from "../../src/prune/plan/target.js";
import { countAbove, globalThreshold, layerThresholds } from "../../src/prune/plan/threshold.js";
import { byDistance, freeChoice } from "../../src/prune/plan/width-choice.js";
import { chainModel } from "../models/chain-model.js";
import { randomWeights } from "../models/random-weights.js";
import { chainPlanner, importanceOf } from "./chain-plan.js";
import { randomSpec } from "./random-net.js";

const gammas = (...layers: number[][]): Float64Array[] =>
  layers.map((each) => Float64Array.from(each));

test("the threshold is the importance at floor(percent * count) of all layers", () => {
  expect(
    globalThreshold(
      [
        [0.5, 2],
        [1, 3],
      ],
      0.5,
    ),
  ).toBe(2);
  expect(
    globalThreshold(
      [
        [0.5, 2],
        [1, 3],
      ],
      0,
    ),
  ).toBe(0.5);
  expect(
    globalThreshold(
      [
        [0.5, 2],
        [1, 3],
      ],
      1,
    ),
  ).toBe(3);
  expect(
    layerThresholds(
      [
        [0.5, 2],
        [1, 3],
      ],
      [0, 0.5],
    ),
  ).toEqual([Number.NEGATIVE_INFINITY, 3]);
  expect(countAbove([1, 2, 3], 1.5)).toBe(2);
  expect(countAbove([1, 2, 3], 9)).toBe(1);
});

test("filter norms are sums of magnitudes and roots of sums of squares", () => {
  const kernel = Float32Array.of(3, -4, 0, 2);
  expect([...filterNorms({ values: kernel, count: 2 }, "l1")]).toEqual([7, 2]);
  expect([...filterNorms({ values: kernel, count: 2 }, "l2")]).toEqual([5, 2]);
});

test("a filter near the others of its layer has little importance by FPGM", () => {
  expect([...medianDistances({ values: Float32Array.of(0, 1, 5), count: 3 })]).toEqual([6, 5, 9]);
});

test("filter norms are divided by their layer's mean, so that a layer's scale does not count", () => {
  const spec = chain(2, 2);
  const scaled = (scale: number): Model => {
    const model = chainModel(spec, randomWeights(spec, 1));
    const weights = new Map(model.weights);
    const kernel = weights.get("tnn_bin.2.conv.weight");
    if (kernel?.kind !== "float") throw new Error("no kernel");
    const values = kernel.values.map((weight) => weight * scale);
    weights.set("tnn_bin.2.conv.weight", { ...kernel, values });
    return { ...model, weights };
  };
  const [one, other] = [1, 8].map((scale) => importanceOf(scaled(scale), "l1"));
  expect(one).toHaveLength(8);
  expect(one?.[1]).toEqual(other?.[1]);
});

test("widths are rounded to the nearest multiple, half-way up, or stay whole", () => {
  const choice = freeChoice(20, 8);
  expect(choice.widths).toEqual([8, 16, 20]);
  const nearest = [1, 11, 12, 19, 20].map((wanted) => byDistance(wanted, choice)[0]);
  expect(nearest).toEqual([8, 8, 16, 16, 20]);
  expect(freeChoice(5, 8).widths).toEqual([5]);
});

test("of equally important channels the first ones stay", () => {
  expect(freeChoice(3, 1).select([1, 1, 1], 2)).toEqual([0, 1]);
});

const chain = (...widths: number[]): ChainSpec =>
  builtInSpec({
    arch: "nin",
    widths: [...widths, ...new Array(8 - widths.length).fill(2)],
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
  });

/** The chain after a plan. */
const prunedSpec = (spec: ChainSpec, { channels }: PrunePlan): ChainSpec => {
  const graph = prunedGraph(chainToGraph(spec), channels);
  return chainSpecOf(specOfModel(spec, { graph }, spec.form), "the pruned net");
};

const ones = (count: number): number[][] => new Array(count).fill([0.1, 9]);

test("a plan records what the threshold alone would keep and why it keeps something else", () => {
  const importance = gammas([3, 1, 2, 4], [0.01, 0.02, 0.03, 0.04], ...ones(6));
  const share = { kind: "global", percent: 0.5 } as const;
  const plain = chainPlanner(chain(4, 4), importance, 1)(share);
  expect(plain.layers[0]).toMatchObject({ keep: [0, 2, 3], threshold: 1, above: 3, kept: 3 });
  expect(plain.layers[1]).toMatchObject({
    keep: [3],
    above: 0,
    keptBelow: 1,
    reasons: ["emptied"],
  });
  const even = chainPlanner(chain(4, 4), importance, 2)(share);
  expect(even.layers[0]).toMatchObject({ keep: [0, 1, 2, 3], keptBelow: 1, reasons: ["multiple"] });
  expect(even.layers[1]).toMatchObject({
    keep: [2, 3],
    keptBelow: 2,
    reasons: ["emptied", "multiple"],
  });
});

test("layers with a percent of their own are cut by themselves", () => {
  const importance = gammas([3, 1, 2, 4], [0.01, 0.02, 0.03, 0.04], ...ones(6));
  const share = { kind: "layers", percents: [0.5, 0.25, 0, 0, 0, 0, 0, 0] } as const;
  const { layers } = chainPlanner(chain(4, 4), importance, 1)(share);
  expect(layers.slice(0, 2).map(({ keep }) => keep)).toEqual([[3], [2, 3]]);
});

test("a layer with a percent of 0 keeps every channel, even if its width is not a multiple", () => {
  const importance = gammas([3, 1, 2, 4, 5], [1, 2, 3, 4], ...ones(6));
  const share = { kind: "layers", percents: [0, 0.5, 0, 0, 0, 0, 0, 0] } as const;
  const { layers } = chainPlanner(chain(5, 4), importance, 4)(share);
  expect(layers[0]).toMatchObject({ keep: [0, 1, 2, 3, 4], keptBelow: 0, reasons: [] });
});

test("importance that is no number is refused", () => {
  const importance = gammas([Number.NaN, 1], ...ones(7));
  const share = { kind: "global", percent: 0.5 } as const;
  expect(() => chainPlanner(chain(2), importance, 1)(share)).toThrow(
    /Layer tnn_bin\.0 has channels/,
  );
});

/** Whether a chain has a depthwise convolution, whose channels are pruned with those that it reads. */
const hasDepthwise = ({ convs }: ChainSpec): boolean =>
  convs.some(({ groups }, at) => groups > 1 && groups === convs[at - 1]?.width);

const cuts = fc.record({
  spec: randomSpec.filter((spec) => !hasDepthwise(spec)),
  seed: fc.nat(100_000),
  percent: fc.double({ min: 0, max: 1, noNaN: true }),
  multiple: fc.integer({ min: 1, max: 9 }),
});

type Cut = typeof cuts extends fc.Arbitrary<infer T> ? T : never;

/** Channels by producing group and reading group, counted after shuffling a list as such. */
const countCells = ({ convs }: ChainSpec, at: number, keep: readonly number[], total: number) => {
  const [conv, reader] = [convs[at] as ConvSpec, convs[at + 1] as ConvSpec];
  return keep.map((old) => [
    Math.floor(old / (total / conv.groups)),
    Math.floor(shuffledPosition(old, total, reader.shuffle) / (total / reader.groups)),
  ]);
};

test("of 1,000 nets every width is a multiple or whole, is divisible by the groups, and fills its channel groups", () => {
  fc.assert(
    fc.property(cuts, ({ spec, seed, percent, multiple }) => {
      const importance = importanceOf(chainModel(spec, randomWeights(spec, seed)), "gamma");
      const plan = chainPlanner(spec, importance, multiple)({ kind: "global", percent });
      const small = prunedSpec(spec, plan);
      checkSpec(small, "small");
      plan.layers.forEach(({ kept, total, keep, above, keptBelow, prunedAbove }, at) => {
        expect(kept === total || kept % multiple === 0).toBe(true);
        expect(kept % widthBase(spec.convs, at)).toBe(0);
        expect(new Set(keep).size).toBe(kept);
        expect(kept - keptBelow + prunedAbove).toBe(above);
        // Every new channel is in the groups of its old one.
        const now = countCells(spec, at, [...keep.keys()], kept);
        expect(now).toEqual(countCells(spec, at, keep, total));
      });
    }),
    { numRuns: 1000 },
  );
});

test("within a cell no channel that goes is more important than one that stays", () => {
  fc.assert(
    fc.property(cuts, ({ spec, seed, percent, multiple }) => {
      const importance = importanceOf(chainModel(spec, randomWeights(spec, seed)), "gamma");
      const plan = chainPlanner(spec, importance, multiple)({ kind: "global", percent });
      plan.layers.forEach(({ keep, total }, at) => {
        const cells = countCells(spec, at, [...Array(total).keys()], total).map(String);
        const values = importance[at] as Float64Array;
        const stays = new Set(keep);
        for (const kept of keep)
          for (let other = 0; other < total; other++)
            if (!stays.has(other) && cells[other] === cells[kept])
              expect(values[other]).toBeLessThanOrEqual(values[kept] as number);
      });
    }),
    { numRuns: 200 },
  );
});

/** A planner for a random chain, and the percent at which it leaves a share of the MACs. */
const targeted = ({ spec, seed, multiple }: Pick<Cut, "spec" | "seed" | "multiple">) => {
  const importance = importanceOf(chainModel(spec, randomWeights(spec, seed)), "gamma");
  const channels = importance.reduce((sum, layer) => sum + layer.length, 0);
  const plan = chainPlanner(spec, importance, multiple);
  const graph = chainToGraph(spec);
  const costOf = (kept: KeptChannels): number => graphCost(prunedGraph(graph, kept)).macs;
  const shareOf = (percent: number): PruneShare => ({ kind: "global", percent });
  const whole = netCost(spec).macs;
  return {
    channels,
    plan,
    macs: (percent: number): number => netCost(prunedSpec(spec, plan(shareOf(percent)))).macs,
    target: (share: number) =>
      percentForCost({ plan, shareOf, channels, costOf, wanted: share * whole }),
  };
};

test("the percent for a share of the MACs is the smallest that reaches it", () => {
  fc.assert(
    fc.property(cuts, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (cut, share) => {
      const { channels, macs, target } = targeted(cut);
      const wanted = share * netCost(cut.spec).macs;
      const found = target(share);
      if (found.kind === "unreachable") {
        expect(macs(1)).toBeGreaterThan(wanted);
        expect(macs(1)).toBe(found.least);
        return;
      }
      expect(macs(found.percent)).toBeLessThanOrEqual(wanted);
      const below = found.percent - 1 / channels;
      if (below >= 0) expect(macs(below)).toBeGreaterThan(wanted);
    }),
    { numRuns: 200 },
  );
});

test("a percent of 0 and a share of all MACs prune nothing, whatever the groups and multiples", () => {
  fc.assert(
    fc.property(cuts, (cut) => {
      const { plan, target } = targeted(cut);
      const { layers, channels } = plan({ kind: "global", percent: 0 });
      for (const { keep, total, prunedAbove, keptBelow, reasons } of layers) {
        expect(keep).toEqual([...Array(total).keys()]);
        expect([prunedAbove, keptBelow, reasons]).toEqual([0, 0, []]);
      }
      expect(channels.size).toBe(0);
      expect(target(1)).toEqual({ kind: "percent", percent: 0 });
    }),
    { numRuns: 200 },
  );
});

test("a percent of 1 leaves every layer its least width, and the smallest above 0 prunes the least channel", () => {
  const importance = gammas([3, 1, 2, 4], [5, 6, 7, 8], ...ones(6));
  const planOf = (percent: number) =>
    chainPlanner(chain(4, 4), importance)({ kind: "global", percent });
  expect(planOf(1).layers.map(({ kept }) => kept)).toEqual(new Array(8).fill(1));
  const least = planOf(Number.MIN_VALUE).layers.map(({ total, kept }) => total - kept);
  // Every other layer of the chain has a channel of 0.1, the least of all.
  expect(least).toEqual([0, 0, ...new Array(6).fill(1)]);
});

test("a net's cost counts every kernel, bias, gamma and beta, and MACs at each map's size", () => {
  const kernels = { onMapsOf32: [150, 4, 4], onMapsOf16: [100, 4, 4], onMapsOf8: [36, 4, 20] };
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const channels = 8 * 2 + 10;
  expect(netCost(chain(2))).toEqual({
    parameters: sum(Object.values(kernels).flat()) + 3 * channels,
    macs:
      sum(kernels.onMapsOf32) * 32 ** 2 +
      sum(kernels.onMapsOf16) * 16 ** 2 +
      sum(kernels.onMapsOf8) * 8 ** 2,
    bytes: 4 * (sum(Object.values(kernels).flat()) + 5 * channels),
  });
});
