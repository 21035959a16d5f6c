import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readModel } from "../../src/checkpoint/read-model.js";
import { packKernelCodes } from "../../src/checkpoint/tensors/hysteresis-codes.js";
import { modelCodes, modelState } from "../../src/checkpoint/tensors/model-state.js";
import type { StateDict } from "../../src/checkpoint/tensors/net-state.js";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { float32Tensor, float32Values } from "../../src/formats/safetensors/tensor-values.js";
import type { Graph, NodeOf } from "../../src/graph/graph.js";
import type { WeightQuantization } from "../../src/graph/quantizers.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import { randomChain } from "../graph/random-chains.js";
import { randomWeights } from "../models/random-weights.js";
import { smallSpec } from "../models/small-spec.js";

const read = (state: StateDict, graph: Graph) =>
  readModel({ state, path: "a file", manifest: undefined }, graph);

const spec = smallSpec("nin");
const state = weightsState(spec, randomWeights(spec, 1));
const graph = chainToGraph(spec);
/** Everything about a state dict, quickly compared. */
const textsOf = (tensors: StateDict): string[] =>
  [...tensors].map(
    ([name, { dtype, shape, data }]) =>
      `${name} ${dtype} [${shape}] ${Buffer.from(data).toString("base64")}`,
  );
const replaced = (name: string, tensor: ReturnType<typeof float32Tensor> | undefined): StateDict =>
  new Map(
    [...state].flatMap(([key, own]) =>
      key === name ? (tensor ? [[key, tensor]] : []) : [[key, own]],
    ),
  );

/** One dense layer from 2 to 3 features with quantized weights. */
const denseGraph = (quantizer: WeightQuantization, stored: NodeOf<"dense">["stored"]): Graph => ({
  inputs: [{ name: "images", shape: [1, 1, 2] }],
  nodes: [
    { name: "flat", kind: "flatten", inputs: ["images"] },
    { name: "fc", kind: "dense", inputs: ["flat"], features: 3, hasBias: false, quantizer, stored },
  ],
  outputs: [{ name: "logits", value: "fc" }],
});
const kernelState = (...values: number[]): StateDict =>
  new Map([["fc.weight", float32Tensor([3, 2], Float32Array.from(values))]]);

describe("a model of a checkpoint", () => {
  test("has the checkpoint's tensors, in its order", () => {
    fc.assert(
      fc.property(randomChain, (chain) => {
        const trained = { ...chain, form: "trainable" } as const;
        const before = weightsState(trained, randomWeights(trained, 3));
        const after = modelState(read(before, chainToGraph(trained)));
        expect(textsOf(after)).toEqual(textsOf(before));
      }),
      { numRuns: 30, seed: 4 },
    );
  });

  test("is read from names with either prefix, and without counters", () => {
    const other = new Map(
      [...state]
        .filter(([name]) => !name.endsWith("num_batches_tracked"))
        .map(([name, tensor]) => [name.replace("tnn_bin", "dorefa"), tensor]),
    );
    expect(textsOf(modelState(read(other, graph)))).toEqual(textsOf(state));
  });

  test.each<[string, StateDict, RegExp]>([
    [
      "lacks a tensor",
      replaced("tnn_bin.2.conv.bias", undefined),
      /tnn_bin\.2\.conv\.bias is missing/,
    ],
    [
      "has a tensor of another shape",
      replaced("tnn_bin.0.bias", float32Tensor([2], Float32Array.of(1, 2))),
      /tensor tnn_bin\.0\.bias has shape \[2\], but the net needs \[24\]/,
    ],
    [
      "has a number that is not finite",
      replaced("tnn_bin.0.bias", float32Tensor([24], new Float32Array(24).fill(Number.NaN))),
      /tnn_bin\.0\.bias contains NaN or infinite values/,
    ],
    [
      "has a negative variance",
      replaced("tnn_bin.1.running_var", float32Tensor([24], new Float32Array(24).fill(-1))),
      /tnn_bin\.1\.running_var contains negative variances/,
    ],
  ])("is refused if the checkpoint %s", (_, broken, message) => {
    expect(() => read(broken, graph)).toThrow(message);
  });
});

describe("quantized weights", () => {
  test("become codes and scales, and the same weights again", () => {
    const signs = denseGraph({ kind: "ternary", hasAlpha: true, gapRatio: null }, "quantized");
    const before = kernelState(0.5, -0.5, 0, 2, 0, 0);
    const model = read(before, signs);
    expect(model.weights.get("fc.weight")).toEqual({
      kind: "quantized",
      shape: [3, 2],
      grid: { kind: "sign" },
      codes: Int16Array.of(1, -1, 0, 1, 0, 0),
      scale: Float32Array.of(0.5, 2, 0),
    });
    expect(textsOf(modelState(model))).toEqual(textsOf(before));
  });

  test("of merged DoReFa kernels keep their scales", () => {
    const third = Math.fround(1 / 3);
    const values = [-2, 2 * third, 1, -1, 0.5, -third / 2];
    const scale = float32Tensor([3], Float32Array.of(2, 1, 0.5));
    const before = new Map([...kernelState(...values), ["fc.weight_scale", scale]]);
    const model = read(before, denseGraph({ kind: "dorefa", bits: 2 }, "scaled"));
    expect(model.weights.get("fc.weight")).toMatchObject({
      codes: Int16Array.of(0, 2, 3, 0, 3, 1),
      scale: Float32Array.of(2, 1, 0.5),
    });
    const after = modelState(model);
    expect([...after.keys()]).toEqual(["fc.weight", "fc.weight_scale"]);
    const kernel = after.get("fc.weight");
    expect(kernel && [...float32Values(kernel, "fc.weight")]).toEqual(values.map(Math.fround));
  });

  test.each<[WeightQuantization, number[], RegExp]>([
    [{ kind: "binary", hasAlpha: true }, [1, -1, 0.5, 1, 1, 1], /weight 2 of fc\.weight is 0\.5/],
    [{ kind: "dorefa", bits: 2 }, [1, -1, 1, 0.4, 1, 1], /weight 3 of fc\.weight is 0\.4/],
    [{ kind: "dorefa", bits: 2 }, [1, -1, 5 / 3, 1, 1, 1], /weight 2 of fc\.weight is 1\.6/],
  ])("are refused off their grid: %j, %j", (quantizer, values, message) => {
    const net = denseGraph(quantizer, "quantized");
    expect(() => read(kernelState(...values), net)).toThrow(message);
    expect(() => read(kernelState(...values), net)).toThrow(/which is not on its \w+ grid\.$/);
  });

  test("that are latent stay floats with their hysteresis state", () => {
    const net = denseGraph({ kind: "ternary", hasAlpha: false, gapRatio: 0.5 }, "latent");
    const lastCodes = Float32Array.of(1, 0, -1, 1, 0, 0);
    const other = packKernelCodes(Float32Array.of(0, 0, 0, 0, 0, 0));
    const ternaryCodes = { "other.fc.weight": other, "fc.weight": packKernelCodes(lastCodes) };
    // Of the manifest, only the codes are read.
    const manifest = { ternaryCodes } as never;
    const model = readModel(
      { state: kernelState(1, 2, 3, 4, 5, 6), path: "a file", manifest },
      net,
    );
    expect(model.weights.get("fc.weight")).toMatchObject({ kind: "float", lastCodes });
    expect(modelCodes(model)).toEqual({ "fc.weight": packKernelCodes(lastCodes) });
  });
});
