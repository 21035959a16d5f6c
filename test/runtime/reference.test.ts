import { beforeAll, describe, expect, test } from "vitest";
import { foldBatchNorms } from "../../src/bnmerge/fold-batch-norms.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { imageShape } from "../../src/graph/graph.js";
import type { Model } from "../../src/graph/model.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { referenceEngine } from "../../src/runtime/engine.js";
import { compilePlan } from "../../src/runtime/plan/compile.js";
import { branchedGraph } from "../graph/branched-graph.js";
import { interpret } from "../graph/interpret.js";
import { kindCases } from "../graph/node-kinds.js";
import { randomImage, randomModel } from "../graph/random-model.js";
import { quantizedWeights } from "../models/quantizations.js";
import { BIREAL, NETS, pairsOf } from "./cases.js";
import { evaluatedNet } from "./nets.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

/** Float32 sums of the first and last layers in another order. */
const TOLERANCE = 1e-5;

/** The logits of all images, in the runtime's reference kernels. */
const logitsOf = (model: Model, images: Float32Array): number[] => {
  const engine = referenceEngine(compilePlan(model));
  const size = engine.input.length;
  const logits: number[] = [];
  for (let at = 0; at < images.length; at += size) {
    engine.input.set(images.subarray(at, at + size));
    engine.run();
    logits.push(...engine.output);
  }
  return logits;
};

/** The largest difference, relative to the largest logit. */
const difference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  const all = Array.from(expected);
  const largest = all.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  return all.reduce(
    (worst, value, at) => Math.max(worst, Math.abs((actual[at] as number) - value) / largest),
    0,
  );
};

describe("a plan computes what the training engine does:", () => {
  test.each([...NETS, BIREAL])("$arch with several pairs of bits", (net) => {
    for (const [name, quantization] of pairsOf(net)) {
      const { model, images, logits } = evaluatedNet({ ...net, quantization, images: 1 });
      expect(difference(logitsOf(model, images), logits), name).toBeLessThan(TOLERANCE);
    }
  });
});

describe("a plan computes what PyTorch defines:", () => {
  test("every kind of node", () => {
    for (const { name, graph } of kindCases) {
      const model = randomModel(graph, 5);
      const images = randomImage(graph, 5);
      const expected = interpret(model, images).get("logits") ?? new Float64Array();
      expect(difference(logitsOf(model, images), expected), name).toBeLessThan(TOLERANCE);
    }
  });

  test("nets with branches, of every kind of weights, merged or not", () => {
    for (const [at, weights] of quantizedWeights.entries()) {
      const graph = branchedGraph({ weights, hasBias: at % 2 === 0 });
      const baked = bakeWeights(randomModel(graph, at));
      const images = randomImage(baked.graph, 5);
      expect(imageShape(baked.graph)).toHaveLength(3);
      for (const model of [baked, foldBatchNorms(baked)]) {
        const expected = interpret(model, images).get("logits") ?? new Float64Array();
        expect(difference(logitsOf(model, images), expected)).toBeLessThan(TOLERANCE);
      }
    }
  });
});
