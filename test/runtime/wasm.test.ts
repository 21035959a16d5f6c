import { beforeAll, describe, expect, test } from "vitest";
import { wasmKernels } from "../../dist/runtime/wasm/modules.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { Model } from "../../src/graph/model.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { type PlanEngine, referenceEngine } from "../../src/runtime/engine.js";
import { kernelEngine } from "../../src/runtime/kernels/kernel-engine.js";
import type { KernelTarget } from "../../src/runtime/kernels/kernel-target.js";
import { compilePlan } from "../../src/runtime/plan/compile.js";
import type { Plan, PlanStep } from "../../src/runtime/plan/plan.js";
import { branchedGraph } from "../graph/branched-graph.js";
import { kindCases } from "../graph/node-kinds.js";
import { randomImage, randomModel } from "../graph/random-model.js";
import { quantizedWeights } from "../models/quantizations.js";
import { BIREAL, NETS, pairsOf } from "./cases.js";
import { evaluatedNet } from "./nets.js";

let target: KernelTarget;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  target = (await wasmKernels()) as KernelTarget;
});

/** The numbers of every step's output. */
const outputsOf = ({ steps }: Plan, engine: PlanEngine, image: Float32Array) => {
  engine.input.set(image);
  const outputs: (Float32Array | Uint8Array)[] = [];
  engine.trace((at) => outputs.push(engine.read((steps[at] as PlanStep).output).slice()));
  return outputs;
};

/** The first step whose output differs in a bit from that of the reference; undefined if none does. */
const firstDifferent = async (model: Model, images: Float32Array): Promise<string | undefined> => {
  const plan = compilePlan(model);
  const engine = await kernelEngine(plan, target);
  const image = images.subarray(0, engine.input.length);
  const [expected, actual] = [
    outputsOf(plan, referenceEngine(plan), image),
    outputsOf(plan, engine, image),
  ];
  engine.dispose();
  const at = expected.findIndex((numbers, step) =>
    numbers.some((number, index) => !Object.is(number + 0, (actual[step]?.[index] as number) + 0)),
  );
  return at < 0 ? undefined : `step ${at}: ${JSON.stringify(plan.steps[at])?.slice(0, 200)}`;
};

describe("the kernels in WebAssembly compute what the reference does, to the bit:", () => {
  test.each([...NETS, BIREAL])("$arch with several pairs of bits", async (net) => {
    for (const [pair, quantization] of pairsOf(net)) {
      const { model, images } = evaluatedNet({ ...net, quantization, images: 1 });
      expect(await firstDifferent(model, images), pair).toBeUndefined();
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
      expect(await firstDifferent(model, randomImage(model.graph, 5)), String(at)).toBeUndefined();
  });
});
