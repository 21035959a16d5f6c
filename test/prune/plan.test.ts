import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { netCost } from "../../src/models/chains/chain-cost.js";
import type { ChainSpec, ConvSpec } from "../../src/models/chains/chain-spec.js";
import { checkSpec } from "../../src/models/chains/check-chain.js";
import { widthBase } from "../../src/models/chains/widths.js";
import { channelGroups, shuffledPosition } from "../../src/prune/channel-groups.js";
import { fittingWidths, nearestWidth } from "../../src/prune/fitting-width.js";
import { channelImportance, filterNorms } from "../../src/prune/importance.js";
import { makePlan } from "../../src/prune/make-plan.js";
import { prunedSpec } from "../../src/prune/pruned-spec.js";
import { selectChannels } from "../../src/prune/select-channels.js";
import { percentForMacs } from "../../src/prune/target-macs.js";
import { countAbove, globalThreshold, layerThresholds } from "../../src/prune/threshold.js";
import { randomWeights } from "../models/random-weights.js";
import { randomSpec } from "./random-net.js";

const NONE = { groups: 1, shuffle: 1, consumerGroups: 1 };
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
  expect([...filterNorms(kernel, 2, "l1")]).toEqual([7, 2]);
  expect([...filterNorms(kernel, 2, "l2")]).toEqual([5, 2]);
});

test("filter norms are divided by their layer's mean, so that a layer's scale does not count", () => {
  const conv = (scale: number) => ({
    kernel: Float32Array.of(3 * scale, -4 * scale, 0, 2 * scale),
    bias: new Float32Array(2),
    affine: null,
    movingMean: new Float32Array(2),
    movingVariance: new Float32Array(2),
  });
  const importance = channelImportance([conv(1), conv(8), conv(1)], "l1");
  expect(importance).toHaveLength(2);
  expect(importance?.[1]).toEqual(importance?.[0]);
  expect(channelImportance([conv(1), conv(1)], "gamma")).toBeUndefined();
});

test("a channel group is the group that produces a channel and the one that consumes it after the shuffle", () => {
  expect(channelGroups(4, { groups: 2, shuffle: 2, consumerGroups: 2 })).toEqual([0, 1, 2, 3]);
  expect(channelGroups(4, { groups: 2, shuffle: 1, consumerGroups: 2 })).toEqual([0, 0, 3, 3]);
  expect([0, 1, 2, 3].map((channel) => shuffledPosition(channel, 4, 2))).toEqual([0, 2, 1, 3]);
});

test("widths are rounded to the nearest multiple, half-way up, or stay whole", () => {
  const widths = fittingWidths(20, 8, NONE);
  expect(widths).toEqual([8, 16, 20]);
  const nearest = [1, 11, 12, 19, 20].map((wanted) => nearestWidth(wanted, { widths, base: 8 }));
  expect(nearest).toEqual([8, 8, 16, 16, 20]);
  expect(fittingWidths(5, 8, NONE)).toEqual([5]);
});

test("the most important channels of every cell stay, in the order of the smaller net", () => {
  const importance = [1, 9, 8, 2, 7, 3, 4, 5];
  expect(selectChannels(importance, 4, { groups: 2, shuffle: 1, consumerGroups: 1 })).toEqual([
    1, 2, 4, 7,
  ]);
  expect(selectChannels([1, 1, 1], 2, NONE)).toEqual([0, 1]);
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

const ones = (count: number): number[][] => new Array(count).fill([0.1, 9]);

test("a plan records what the threshold alone would keep and why it keeps something else", () => {
  const importance = gammas([3, 1, 2, 4], [0.01, 0.02, 0.03, 0.04], ...ones(6));
  const share = { kind: "global", percent: 0.5 } as const;
  const plain = makePlan({ spec: chain(4, 4), importance, share, multiple: 1 });
  expect(plain.layers[0]).toMatchObject({ keep: [0, 2, 3], threshold: 1, above: 3, kept: 3 });
  expect(plain.layers[1]).toMatchObject({
    keep: [3],
    above: 0,
    keptBelow: 1,
    reasons: ["emptied"],
  });
  const even = makePlan({ spec: chain(4, 4), importance, share, multiple: 2 });
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
  const { layers } = makePlan({ spec: chain(4, 4), importance, share, multiple: 1 });
  expect(layers.slice(0, 2).map(({ keep }) => keep)).toEqual([[3], [2, 3]]);
});

test("a layer with a percent of 0 keeps every channel, even if its width is not a multiple", () => {
  const importance = gammas([3, 1, 2, 4, 5], [1, 2, 3, 4], ...ones(6));
  const share = { kind: "layers", percents: [0, 0.5, 0, 0, 0, 0, 0, 0] } as const;
  const { layers } = makePlan({ spec: chain(5, 4), importance, share, multiple: 4 });
  expect(layers[0]).toMatchObject({ keep: [0, 1, 2, 3, 4], keptBelow: 0, reasons: [] });
});

test("importance that is no number is refused", () => {
  const importance = gammas([Number.NaN, 1], ...ones(7));
  const share = { kind: "global", percent: 0.5 } as const;
  expect(() => makePlan({ spec: chain(2), importance, share, multiple: 1 })).toThrow(
    /Convolution 0/,
  );
});

const cuts = fc.record({
  spec: randomSpec,
  seed: fc.nat(100_000),
  percent: fc.double({ min: 0, max: 1, noNaN: true }),
  multiple: fc.integer({ min: 1, max: 9 }),
});

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
      const importance = channelImportance(randomWeights(spec, seed), "gamma") ?? [];
      const plan = makePlan({ spec, importance, share: { kind: "global", percent }, multiple });
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
      const importance = channelImportance(randomWeights(spec, seed), "gamma") ?? [];
      const plan = makePlan({ spec, importance, share: { kind: "global", percent }, multiple });
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

test("the percent for a share of the MACs is the smallest that reaches it", () => {
  fc.assert(
    fc.property(cuts, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (cut, share) => {
      const { spec, seed, multiple } = cut;
      const importance = channelImportance(randomWeights(spec, seed), "gamma") ?? [];
      const options = { spec, importance, multiple };
      const macs = (percent: number): number =>
        netCost(prunedSpec(spec, makePlan({ ...options, share: { kind: "global", percent } })))
          .macs;
      const wanted = share * netCost(spec).macs;
      const percent = percentForMacs(options, share);
      if (percent === undefined) {
        expect(macs(1)).toBeGreaterThan(wanted);
        return;
      }
      expect(macs(percent)).toBeLessThanOrEqual(wanted);
      const channels = importance.reduce((sum, layer) => sum + layer.length, 0);
      const below = percent - 1 / channels;
      if (below >= 0) expect(macs(below)).toBeGreaterThan(wanted);
    }),
    { numRuns: 200 },
  );
});

test("a percent of 0 and a share of all MACs prune nothing, whatever the groups and multiples", () => {
  fc.assert(
    fc.property(cuts, ({ spec, seed, multiple }) => {
      const importance = channelImportance(randomWeights(spec, seed), "gamma") ?? [];
      const options = { spec, importance, multiple };
      const { layers } = makePlan({ ...options, share: { kind: "global", percent: 0 } });
      for (const { keep, total, prunedAbove, keptBelow, reasons } of layers) {
        expect(keep).toEqual([...Array(total).keys()]);
        expect([prunedAbove, keptBelow, reasons]).toEqual([0, 0, []]);
      }
      expect(percentForMacs(options, 1)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("a percent of 1 leaves every layer its least width, and the smallest above 0 prunes the least channel", () => {
  const importance = gammas([3, 1, 2, 4], [5, 6, 7, 8], ...ones(6));
  const planOf = (percent: number) =>
    makePlan({ spec: chain(4, 4), importance, share: { kind: "global", percent }, multiple: 1 });
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
