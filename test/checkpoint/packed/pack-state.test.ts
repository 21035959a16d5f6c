import { beforeAll, describe, expect, test } from "vitest";
import { packState } from "../../../src/checkpoint/packed/pack-state.js";
import { unpackState } from "../../../src/checkpoint/packed/unpack-state.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { float32Values } from "../../../src/formats/safetensors/tensor-values.js";
import { nameOf, quantizedWeights } from "../../models/quantizations.js";
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
    const { spec, ...net } = exportNet(smallSpec({ weights, order }), form);
    const dense = denseOf({ spec, ...net } as never);
    const { tensors, packing } = packState(spec, dense);
    const unpacked = unpackState(tensors, packing, spec, "file");
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

  test("contains codes, scales and float vectors, but no counters and no packed kernel in float32", () => {
    const weights = { kind: "dorefa", bits: 3 } as const;
    const net = exportNet(smallSpec({ weights }), "baked");
    const names = [...packState(net.spec, denseOf(net)).tensors.keys()];
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
    const { tensors, packing } = packState(net.spec, denseOf(net), "int8");
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
    expect(() => packState(spec, new Map())).toThrow(/Latent weights cannot be packed/);
  });
});
