import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { modelState } from "../../src/checkpoint/tensors/model-state.js";
import { applyState } from "../../src/checkpoint/tensors/net-state.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { Model } from "../../src/graph/model.js";
import { buildNet } from "../../src/models/build-net.js";
import { type ArchitectureName, builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import { scaledWidths } from "../../src/models/chains/descriptions/chain-from-description.js";
import { stateNames } from "../../src/models/chains/state-names.js";
import { type NetSpec, specOfModel } from "../../src/models/net-spec.js";
import { foldConstants } from "../../src/prune/apply/fold-constants.js";
import { maskModel } from "../../src/prune/apply/mask-model.js";
import { pruneWeights } from "../../src/prune/apply/prune-weights.js";
import type { KeptChannels, PrunePlan } from "../../src/prune/plan/plan.js";
import { chainModel } from "../models/chain-model.js";
import { randomWeights } from "../models/random-weights.js";
import { randomTensor } from "../random-tensor.js";
import { chainPlanner, importanceOf } from "./chain-plan.js";
import { randomSpec } from "./random-net.js";

/** float32 sums over fewer terms in another order, relative to the largest output. */
const TOLERANCE = 1e-5;

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const logitsOf = (spec: NetSpec, model: Model): Float32Array => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  applyState(net, modelState(model), "weights");
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
const modelFor = (spec: ChainSpec, seed: number): Model => {
  const weights = randomWeights(spec, seed).map((layer, at, { length }) => {
    if (at < length - 1 || layer.affine === null) return layer;
    return {
      ...layer,
      affine: { ...layer.affine, beta: layer.affine.beta.map((beta) => beta + 4) },
    };
  });
  return chainModel(spec, weights);
};

const planned = (spec: ChainSpec, model: Model, percent: number, multiple = 1) =>
  chainPlanner(spec, importanceOf(model, "gamma"), multiple)({ kind: "global", percent });

const prunedLogits = (spec: ChainSpec, model: Model, { channels }: PrunePlan): Float32Array => {
  const small = pruneWeights(model, channels);
  return logitsOf(specOfModel(spec, small, spec.form), small);
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
  const model = modelFor(spec, 3);
  const plan = planned(spec, model, 0.4);
  expect(plan.layers.some(({ kept, total }) => kept < total)).toBe(true);
  expectEqualNets(prunedLogits(spec, model, plan), logitsOf(spec, maskModel(model, plan.channels)));
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
      const model = modelFor(spec, seed);
      const plan = planned(spec, model, percent, multiple);
      expectEqualNets(
        prunedLogits(spec, model, plan),
        logitsOf(spec, maskModel(model, plan.channels)),
      );
    }),
    { numRuns: 150 },
  );
});

test("if all constants are folded, the smaller net equals the one with gammas of 0", () => {
  let folded = 0;
  fc.assert(
    fc.property(cuts, ({ spec, seed, percent, multiple }) => {
      const model = modelFor(spec, seed);
      const plan = planned(spec, model, percent, multiple);
      const result = foldConstants(model, plan.channels);
      // What is dropped is as if those betas were 0 too.
      const dropped = new Set(
        result.reports.flatMap(({ from, droppedBecause }) => (droppedBecause ? from : [])),
      );
      folded += result.reports.length - dropped.size;
      const names = stateNames(spec);
      const go = names.filter(({ conv }) => dropped.has(conv)).map(({ norm }) => norm);
      const valuesThat = (areGone: boolean): KeptChannels =>
        new Map([...plan.channels].filter(([value]) => go.includes(value) === areGone));
      const masked = maskModel(maskModel(model, valuesThat(true)), valuesThat(false), "stay");
      expectEqualNets(prunedLogits(spec, result.model, plan), logitsOf(spec, masked));
    }),
    { numRuns: 150 },
  );
  expect(folded).toBeGreaterThan(5);
});
