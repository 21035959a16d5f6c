import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { foldBatchNorms } from "../../src/bnmerge/fold-batch-norms.js";
import { readModel } from "../../src/checkpoint/read-model.js";
import { modelState } from "../../src/checkpoint/tensors/model-state.js";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { checkGraph } from "../../src/graph/check-graph.js";
import type { Node } from "../../src/graph/graph.js";
import type { ActivationQuantization } from "../../src/graph/quantizers.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { branchedGraph } from "../graph/branched-graph.js";
import { interpret } from "../graph/interpret.js";
import { randomChain } from "../graph/random-chains.js";
import { randomImage, randomModel } from "../graph/random-model.js";
import { binaryActivations, nameOf, quantizedWeights } from "../models/quantizations.js";
import { randomWeights } from "../models/random-weights.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const kindsOf = (nodes: readonly Node[], kind: Node["kind"]): string[] =>
  nodes.filter((node) => node.kind === kind).map(({ name }) => name);

test("a chain with folded norms is the graph of its merged form", () => {
  fc.assert(
    fc.property(randomChain, (chain) => {
      const spec = { ...chain, form: "trainable" } as const;
      const state = weightsState(spec, randomWeights(spec, 1));
      const model = readModel({ state, path: "a chain", manifest: undefined }, chainToGraph(spec));
      const merged = foldBatchNorms(bakeWeights(model));
      const graph = chainToGraph({ ...spec, form: "merged" });
      expect(merged.graph).toEqual(graph);
      const again = readModel(
        { state: modelState(merged), path: "it", manifest: undefined },
        graph,
      );
      expect(again.weights).toEqual(merged.weights);
    }),
    { numRuns: 40, seed: 2 },
  );
});

/** Steps on which a tiny difference cannot fall: the interpreter computes in float64 on both sides. */
const activations: readonly (ActivationQuantization | undefined)[] = [
  undefined,
  binaryActivations,
  { kind: "binary", values: "zero-one", straightThrough: "saturate" },
  { kind: "dorefa", bits: 2, scale: 0.7 },
  { kind: "ternary", straightThrough: "saturate" },
];

describe("a graph with branches", () => {
  const cases = [{ kind: "float" } as const, ...quantizedWeights].map((weights, at) => {
    const each = activations[at % activations.length];
    return [nameOf(weights), each?.kind ?? "relu", weights, each, at] as const;
  });

  test.each(cases)("computes the same with folded norms: %s, %s", (_, __, weights, each, seed) => {
    const graph = branchedGraph({
      weights,
      hasBias: seed % 2 === 0,
      ...(each && { activations: each }),
    });
    const baked = bakeWeights(randomModel(graph, seed));
    const merged = foldBatchNorms(baked);
    checkGraph(merged.graph, "the merged net");
    for (let image = 0; image < 2; image++) {
      const pixels = randomImage(graph, 10 * seed + image);
      const [before, after] = [baked, merged].map((model) =>
        interpret(model, pixels).get("logits"),
      );
      const largest = Math.max(...(before ?? []).map(Math.abs));
      // Folded weights are rounded to float32.
      before?.forEach((value, index) => {
        expect(Math.abs(value - (after?.[index] ?? Number.NaN))).toBeLessThan(1e-5 * (1 + largest));
      });
    }
  });

  test("keeps as affine nodes only the norms that no layer can take", () => {
    const { graph, weights } = foldBatchNorms(bakeWeights(randomModel(branchedGraph({}), 1)));
    expect(kindsOf(graph.nodes, "batchNorm")).toEqual([]);
    expect(kindsOf(graph.nodes, "dropout")).toEqual([]);
    expect(kindsOf(graph.nodes, "affine")).toEqual(["sum.bn", "c.bn", "both.bn", "pool.bn"]);
    expect(graph.nodes.find(({ name }) => name === "both")?.inputs).toEqual([
      "c",
      "c.bn",
      "sum.act",
    ]);
    expect(weights.get("a.bias")?.shape).toEqual([8]);
    // The convolution c is read before its norm, and d has none after it.
    expect(weights.has("c.bias") || weights.has("d.bias")).toBe(false);
    expect([...weights.keys()].filter((name) => name.endsWith("running_var"))).toEqual([]);
  });

  test("keeps the codes of its weights, except those of filters whose gamma is 0", () => {
    const graph = branchedGraph({ weights: { kind: "dorefa", bits: 4 } });
    const model = randomModel(graph, 3);
    const baked = bakeWeights(model);
    const [before, after] = [baked, foldBatchNorms(baked)].map(({ weights }) =>
      weights.get("a.weight"),
    );
    if (before?.kind !== "quantized" || after?.kind !== "quantized") throw new Error("no codes");
    const size = before.codes.length / 8;
    const zero = 3;
    expect(after.scale[zero]).toBe(0);
    const others = (codes: Int16Array) =>
      [...codes].filter((_, at) => Math.floor(at / size) !== zero);
    expect(others(after.codes)).toEqual(others(before.codes));
  });

  test("is not folded with latent weights, nor twice", () => {
    const model = randomModel(branchedGraph({}), 1);
    expect(() => foldBatchNorms(model)).toThrow(
      /The net is trainable; only a net with quantized weights/,
    );
    const merged = foldBatchNorms(bakeWeights(model));
    expect(() => foldBatchNorms(merged)).toThrow(
      /The net is merged; only a net with quantized weights/,
    );
  });
});
