import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { applyState } from "../../src/checkpoint/tensors/net-state.js";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import { type ArchitectureName, builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import { checkSpec } from "../../src/models/chains/check-chain.js";
import type { NetWeights } from "../../src/models/chains/conv-weights.js";
import { scaledWidths } from "../../src/models/chains/descriptions/chain-from-description.js";
import { absorbBetas } from "../../src/prune/absorb-betas.js";
import { channelImportance } from "../../src/prune/importance.js";
import { makePlan } from "../../src/prune/make-plan.js";
import { maskWeights } from "../../src/prune/mask-weights.js";
import { inputPositions, pruneWeights } from "../../src/prune/prune-weights.js";
import { prunedSpec } from "../../src/prune/pruned-spec.js";
import { randomWeights } from "../models/random-weights.js";
import { randomTensor } from "../random-tensor.js";
import { randomSpec } from "./random-net.js";

/** float32 sums over fewer terms in another order, relative to the largest output. */
const TOLERANCE = 1e-5;

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const logitsOf = (spec: ChainSpec, weights: NetWeights): Float32Array => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  applyState(net, weightsState(spec, weights), "weights");
  const { height, width, channels } = spec.input;
  const images = randomTensor([3, height, width, channels], 7);
  const logits = net.infer(images as never);
  const values = logits.dataSync() as Float32Array;
  logits.dispose();
  images.dispose();
  net.dispose();
  return values;
};

const expectEqualNets = (small: Float32Array, large: Float32Array): void => {
  const largest = Math.max(...large.map(Math.abs), Number.MIN_VALUE);
  const difference = Math.max(...small.map((value, at) => Math.abs(value - (large[at] as number))));
  expect(difference / largest).toBeLessThanOrEqual(TOLERANCE);
};

/**
 * Random weights whose last activation lets the logits through: logits that are all cut off at 0 would compare
 * nothing, and ones just above it only the rounding of terms ten thousand times larger.
 */
const weightsFor = (spec: ChainSpec, seed: number): NetWeights =>
  randomWeights(spec, seed).map((layer, at, { length }) => {
    if (at < length - 1 || layer.affine === null) return layer;
    return {
      ...layer,
      affine: { ...layer.affine, beta: layer.affine.beta.map((beta) => beta + 4) },
    };
  });

const planned = (spec: ChainSpec, weights: NetWeights, percent: number, multiple = 1) => {
  const importance = channelImportance(weights, "gamma") ?? [];
  return makePlan({ spec, importance, share: { kind: "global", percent }, multiple });
};

const builtIn = (arch: ArchitectureName): ChainSpec =>
  builtInSpec({
    arch,
    widths: scaledWidths(builtInNets[arch], 0.25),
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
  });

test.each(["nin", "nin_gc"] as const)("the smaller %s equals the masked one", (arch) => {
  const spec = builtIn(arch);
  const weights = weightsFor(spec, 3);
  const plan = planned(spec, weights, 0.4);
  const small = prunedSpec(spec, plan);
  expect(plan.layers.some(({ kept, total }) => kept < total)).toBe(true);
  expectEqualNets(
    logitsOf(small, pruneWeights(spec, weights, plan)),
    logitsOf(spec, maskWeights(weights, plan)),
  );
});

const cuts = fc.record({
  spec: randomSpec,
  seed: fc.nat(1000),
  percent: fc.double({ min: 0, max: 1, noNaN: true }),
  multiple: fc.constantFrom(1, 1, 2, 4),
});

test("the smaller net equals the masked one for any chain, groups, shuffles, pools and masks", () => {
  fc.assert(
    fc.property(cuts, ({ spec, seed, percent, multiple }) => {
      const weights = weightsFor(spec, seed);
      const plan = planned(spec, weights, percent, multiple);
      const small = prunedSpec(spec, plan);
      checkSpec(small, "small");
      expectEqualNets(
        logitsOf(small, pruneWeights(spec, weights, plan)),
        logitsOf(spec, maskWeights(weights, plan)),
      );
    }),
    { numRuns: 150 },
  );
});

test("if all constants are folded, the smaller net equals the one with gammas of 0", () => {
  let absorbed = 0;
  fc.assert(
    fc.property(cuts, ({ spec, seed, percent, multiple }) => {
      const weights = weightsFor(spec, seed);
      const plan = planned(spec, weights, percent, multiple);
      const result = absorbBetas(spec, weights, plan);
      // What is dropped is as if those betas were 0 too.
      const dropped = new Set(
        result.reports.filter(({ droppedBecause }) => droppedBecause).map(({ conv }) => conv),
      );
      absorbed += result.reports.length - dropped.size;
      const [go, stay] = [maskWeights(weights, plan), maskWeights(weights, plan, "stay")];
      const expected = weights.map((_, at) => (dropped.has(at) ? go : stay)[at]) as NetWeights;
      const small = pruneWeights(spec, result.weights, plan);
      expectEqualNets(logitsOf(prunedSpec(spec, plan), small), logitsOf(spec, expected));
    }),
    { numRuns: 150 },
  );
  expect(absorbed).toBeGreaterThan(5);
});

test("new positions have the channels that followed the old shuffle", () => {
  expect(inputPositions([1, 3, 4, 6], 8, 2)).toEqual([2, 1, 6, 5]);
});
