import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { compareNets, uniformImages } from "../../src/bnmerge/compare-nets.js";
import { applyState } from "../../src/checkpoint/tensors/net-state.js";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { gridOf } from "../../src/graph/model.js";
import type { Quantization } from "../../src/graph/quantizers.js";
import { weightedNodes } from "../../src/graph/stored-form.js";
import { buildNet } from "../../src/models/build-net.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import type { NetWeights } from "../../src/models/chains/conv-weights.js";
import { gridValue, kernelValues, toGridKernel } from "../../src/quant/numbers/grid-kernel.js";
import { toQuantizedTensor } from "../../src/quant/numbers/quantized-tensor.js";
import { bakedChain, mergedChain } from "../models/chain-model.js";
import { binaryActivations } from "../models/quantizations.js";
import { randomWeights } from "../models/random-weights.js";
import { smallSpec } from "../models/small-spec.js";
import { randomSpec } from "../prune/random-net.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const weightKinds = [
  { kind: "float" },
  { kind: "dorefa", bits: 1 },
  { kind: "dorefa", bits: 2 },
  { kind: "dorefa", bits: 4 },
  { kind: "dorefa", bits: 8 },
  { kind: "binary", hasAlpha: true },
  { kind: "binary", hasAlpha: false },
  { kind: "ternary", hasAlpha: true, gapRatio: null },
  { kind: "ternary", hasAlpha: false, gapRatio: 0.8 },
] as const satisfies readonly Quantization["weights"][];
const activationKinds = [
  { kind: "float" },
  { kind: "dorefa", bits: 1, scale: 0.1 },
  { kind: "dorefa", bits: 4, scale: 0.1 },
  { kind: "dorefa", bits: 8, scale: 0.1 },
  { kind: "binary", values: "sign", straightThrough: "saturate" },
  { kind: "binary", values: "zero-one", straightThrough: "saturate" },
  { kind: "ternary", straightThrough: "saturate" },
] as const satisfies readonly Quantization["activations"][];

/** Logits of the trainable and the merged net, on inputs in [0, 1). */
const agreementOf = (spec: ChainSpec, weights: NetWeights, inputs: number) => {
  const merged = mergedChain(spec, weights);
  const [before, after] = [spec, merged.spec].map((each) =>
    buildNet(each, { seed: 1, gammaStart: "ones" }),
  );
  if (!before || !after) throw new Error("no nets");
  applyState(before, weightsState(spec, weights), "before");
  applyState(after, merged.state, "after");
  const images = uniformImages(spec.input, inputs, 3);
  const agreement = compareNets(before, after, images);
  images.dispose();
  before.dispose();
  after.dispose();
  return agreement;
};

test("a merged net agrees with its original, for every pair of weights and activations", () => {
  for (const weights of weightKinds)
    for (const activations of activationKinds) {
      const spec = smallSpec("nin_gc", { weights, activations });
      const { equalChoices } = agreementOf(spec, randomWeights(spec, 5), 20);
      // Codes at a boundary may fall on either side, which changes few predictions.
      expect([weights, activations, equalChoices >= 19]).toEqual([weights, activations, true]);
    }
});

test("the norms of nin_bn_conv become thresholds, and the last is folded into its kernel", () => {
  const spec = smallSpec("nin_bn_conv", {
    weights: { kind: "binary", hasAlpha: true },
    activations: binaryActivations,
  });
  const weights = randomWeights(spec, 4);
  expect(agreementOf(spec, weights, 50).equalChoices).toBeGreaterThanOrEqual(49);
  const names = [...mergedChain(spec, weights).state.keys()];
  expect(names.filter((name) => name.endsWith(".threshold"))).toHaveLength(7);
});

test("merging keeps the logits of float nets with any groups, shuffles and pools, in both orders", () => {
  fc.assert(
    fc.property(randomSpec, fc.nat(1000), fc.boolean(), (chain, seed, isBacp) => {
      const spec = isBacp ? { ...chain, order: "norm-activation-conv" as const } : chain;
      const weights = randomWeights(spec, seed);
      const { largestDifference, largestLogit } = agreementOf(spec, weights, 2);
      // float32 sums in another order.
      expect(largestDifference).toBeLessThanOrEqual(1e-4 * Math.max(largestLogit, 1e-3));
    }),
    { numRuns: 100 },
  );
});

/** A gamma of 0 sets a filter to 0, which has no codes. */
const withoutZeroGammas = (weights: NetWeights): NetWeights =>
  weights.map(({ affine, ...conv }) => ({
    ...conv,
    affine: affine && { ...affine, gamma: affine.gamma.map((gamma) => gamma || 0.5) },
  }));

test("quantized kernels of a merged net are exactly the grid's values times a scale per filter", () => {
  for (const weights of weightKinds) {
    const spec = smallSpec("nin", { weights });
    if (!gridOf(weights)) continue;
    const own = withoutZeroGammas(randomWeights(spec, 9));
    const { graph, weights: tensors } = mergedChain(spec, own).model;
    const before = bakedChain(spec, own).model.weights;
    for (const { name } of weightedNodes(graph).slice(1, -1)) {
      const [one, other] = [before, tensors].map((each) => each.get(`${name}.weight`));
      if (one?.kind !== "quantized" || other?.kind !== "quantized") throw new Error("no codes");
      expect(toQuantizedTensor(kernelValues(other), other)).toEqual(other);
      if (other.grid.kind === "dorefa") expect(other.codes).toEqual(one.codes);
    }
  }
});

test("DoReFa's grid values follow its formula, and their codes are recovered", () => {
  expect(gridValue({ kind: "dorefa", bits: 2 }, 0)).toBe(-1);
  expect(gridValue({ kind: "dorefa", bits: 2 }, 2)).toBe(Math.fround(1 / 3));
  for (const bits of [2, 3, 4, 5, 6, 7, 8]) {
    const grid = { kind: "dorefa", bits } as const;
    const codes = Int16Array.from({ length: 2 ** bits }, (_, code) => code);
    const scale = Float32Array.of(0.0371);
    const values = kernelValues({ grid, codes, scale });
    expect(toGridKernel(values, 1, grid, scale).codes).toEqual(codes);
  }
});
