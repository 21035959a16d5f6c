import { beforeAll, describe, expect, test } from "vitest";
import { wasmKernels } from "../../dist/runtime/wasm/modules.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { Model } from "../../src/graph/model.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { kernelEngine } from "../../src/runtime/kernels/kernel-engine.js";
import type { KernelTarget } from "../../src/runtime/kernels/kernel-target.js";
import { compilePlan } from "../../src/runtime/plan/compile.js";
import { branchedGraph } from "../graph/branched-graph.js";
import { kindCases } from "../graph/node-kinds.js";
import { randomImage, randomModel } from "../graph/random-model.js";
import { quantizedWeights } from "../models/quantizations.js";
import { BIREAL, NETS, pairsOf } from "./cases.js";
import { firstDifferent } from "./first-different.js";
import { evaluatedNet } from "./nets.js";
import { signGraphs } from "./sign-nets.js";

let target: KernelTarget;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  target = (await wasmKernels()) as KernelTarget;
});

const differing = async (model: Model, images: Float32Array): Promise<string | undefined> => {
  const plan = compilePlan(model);
  return firstDifferent(plan, await kernelEngine(plan, target), images);
};

describe("the kernels in WebAssembly compute what the reference does, to the bit:", () => {
  test.each([...NETS, BIREAL])("$arch with several pairs of bits", async (net) => {
    for (const [pair, quantization] of pairsOf(net)) {
      const { model, images } = evaluatedNet({ ...net, quantization, images: 1 });
      expect(await differing(model, images), pair).toBeUndefined();
    }
  });

  test("every kind of node, and nets with branches", async () => {
    const models = [
      ...kindCases.map(({ graph }) => randomModel(graph, 5)),
      ...quantizedWeights.map((weights, at) =>
        bakeWeights(randomModel(branchedGraph({ weights, hasBias: at % 2 === 0 }), at)),
      ),
    ];
    for (const [at, model] of models.entries())
      expect(await differing(model, randomImage(model.graph, 5)), String(at)).toBeUndefined();
  });

  test("layers of signs of all sizes", async () => {
    for (const [at, graph] of signGraphs().entries()) {
      const model = bakeWeights(randomModel(graph, at));
      expect(await differing(model, randomImage(graph, at)), String(at)).toBeUndefined();
    }
  });
});
