import { beforeAll, describe, expect, test } from "vitest";
import { packModel } from "../../../src/checkpoint/packed/pack-model.js";
import { unpackState } from "../../../src/checkpoint/packed/unpack-state.js";
import { readModel } from "../../../src/checkpoint/read-model.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { float32Values } from "../../../src/formats/safetensors/tensor-values.js";
import { bakeWeights } from "../../../src/passes/bake-weights.js";
import { branchedGraph } from "../../graph/branched-graph.js";
import { randomModel } from "../../graph/random-model.js";
import { chainModel } from "../../models/chain-model.js";
import { nameOf, quantizedWeights } from "../../models/quantizations.js";
import { randomWeights } from "../../models/random-weights.js";
import { denseOf, exportNet, smallSpec } from "./export-nets.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

/** Replaces -0 by 0. */
const plainZeros = (values: Float32Array): number[] => [...values].map((value) => value + 0);

const mixes = quantizedWeights.flatMap((weights) =>
  (["baked", "merged"] as const).flatMap((form) =>
    (["conv-norm-activation", "norm-activation-conv"] as const).map(
      (order) => [form, order, nameOf(weights), weights] as const,
    ),
  ),
);

describe("a packed state dict", () => {
  test.each(mixes)("is unpacked to the dense one: %s, %s, %s", (form, order, _, weights) => {
    const net = exportNet(smallSpec({ weights, order }), form);
    const dense = denseOf(net);
    const { tensors, packing } = packModel(net.model);
    const { graph } = net.model;
    const { state: unpacked, quantized } = unpackState(tensors, packing, graph, "file");
    expect([...quantized.keys()]).toEqual(Object.keys(packing.kernels));
    expect([...unpacked.keys()]).toEqual([...dense.keys()]);
    expect(Object.keys(packing.kernels)).toHaveLength(3);
    for (const [name, tensor] of dense) {
      const again = unpacked.get(name);
      expect(again?.shape, name).toEqual(tensor.shape);
      if (tensor.dtype !== "F32") continue;
      const [before, after] = [tensor, again as typeof tensor].map((each) =>
        plainZeros(float32Values(each, name)),
      );
      expect(after, name).toEqual(before);
    }
  });

  test("has the codes and scales of its dense form", () => {
    for (const weights of quantizedWeights)
      for (const form of ["baked", "merged"] as const) {
        const { model } = exportNet(smallSpec({ weights }), form);
        const { tensors, packing } = packModel(model);
        const { state, quantized } = unpackState(tensors, packing, model.graph, "file");
        const numbers = { state, path: "file", manifest: undefined };
        expect(readModel({ ...numbers, quantized }, model.graph)).toEqual(model);
        expect(readModel(numbers, model.graph)).toEqual(model);
      }
  });

  test("packs dense layers as well", () => {
    const conv = { kind: "ternary", hasAlpha: true, gapRatio: null } as const;
    const graph = branchedGraph({ weights: conv });
    const nodes = graph.nodes.map((node) =>
      node.kind === "dense" ? ({ ...node, quantizer: { kind: "dorefa", bits: 3 } } as const) : node,
    );
    const model = bakeWeights(randomModel({ ...graph, nodes }, 1));
    const { tensors, packing } = packModel(model, "int8");
    expect(packing.kernels["last.weight"]).toEqual({ grid: "dorefa", bits: 3, shape: [3, 5] });
    expect(packing.kernels["d.weight"]).toMatchObject({ grid: "int8" });
    const unpacked = unpackState(tensors, packing, model.graph, "file");
    const read = readModel({ ...unpacked, path: "file", manifest: undefined }, model.graph);
    expect(read.weights.get("last.weight")).toEqual(model.weights.get("last.weight"));
  });

  test("contains codes, scales and float vectors, but no counters and no packed kernel in float32", () => {
    const weights = { kind: "dorefa", bits: 3 } as const;
    const net = exportNet(smallSpec({ weights }), "baked");
    const names = [...packModel(net.model).tensors.keys()];
    expect(names.slice(0, 8)).toEqual([
      "dorefa.0.weight",
      "dorefa.0.bias",
      "dorefa.1.weight",
      "dorefa.1.bias",
      "dorefa.1.running_mean",
      "dorefa.1.running_var",
      "dorefa.2.conv.weight_codes",
      "dorefa.2.conv.bias",
    ]);
  });

  test("stores first and last layers in int8 on request", () => {
    const weights = { kind: "binary", hasAlpha: true } as const;
    const net = exportNet(smallSpec({ weights }), "merged");
    const { tensors, packing } = packModel(net.model, "int8");
    expect(packing.kernels["dorefa.0.weight"]).toEqual({
      grid: "int8",
      bits: 8,
      shape: [12, 3, 3, 3],
    });
    expect(tensors.get("dorefa.0.weight_codes")?.shape).toEqual([12 * 27]);
    expect(tensors.get("dorefa.0.weight_scale")?.shape).toEqual([12]);
    expect(tensors.has("dorefa.0.weight")).toBe(false);
  });

  test("cannot contain latent weights", () => {
    const spec = smallSpec({ weights: { kind: "dorefa", bits: 2 } });
    const latent = chainModel(spec, randomWeights(spec, 1));
    expect(() => packModel(latent)).toThrow(/Latent weights cannot be packed/);
  });
});
