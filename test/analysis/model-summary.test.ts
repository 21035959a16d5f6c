import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeCounts } from "../../src/analysis/code-counts.js";
import { layerArithmetic } from "../../src/analysis/layer-arithmetic.js";
import { modelSummary, summariseNet } from "../../src/analysis/model-summary.js";
import { type Checkpoint, loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import type { Manifest } from "../../src/checkpoint/manifest.js";
import { packModel, writePackedCheckpoint } from "../../src/checkpoint/packed/pack-model.js";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { CIFAR } from "../../src/data/cifar/cifar.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { graphCost } from "../../src/graph/cost.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { netCost } from "../../src/models/chains/chain-cost.js";
import { type ChainSpec, widthsOf } from "../../src/models/chains/chain-spec.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import type { NetWeights } from "../../src/models/chains/conv-weights.js";
import {
  denseOf,
  type ExportedChain,
  exportNet,
  smallSpec,
} from "../checkpoint/packed/export-nets.js";
import { branchedGraph } from "../graph/branched-graph.js";
import { randomModel } from "../graph/random-model.js";
import { binaryActivations, nameOf, quantizedWeights } from "../models/quantizations.js";
import { randomWeights } from "../models/random-weights.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-summary-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const checkpointOf = (spec: ChainSpec, state: Checkpoint["state"]): Checkpoint => {
  const { arch, sequence, classes } = spec;
  const manifest: Manifest = {
    spec,
    dataSet: CIFAR.cifar10.info,
    epoch: 1,
    isFinished: true,
    version: "test",
  };
  const net = { arch, classes, chain: { sequence, widths: widthsOf(spec) } };
  return { path: "net", state, net, manifest, metadata: {} };
};
const latent = (spec: ChainSpec, weights: NetWeights = randomWeights(spec, 5)) =>
  summariseNet(checkpointOf(spec, weightsState(spec, weights)), spec);
const exported = (net: ExportedChain) =>
  summariseNet(checkpointOf(net.spec, denseOf(net)), net.spec);

const nin = (weights: ChainSpec["quantization"]["weights"]) =>
  builtInSpec({
    arch: "nin",
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "dorefa",
    quantization: { weights, activations: binaryActivations },
  });

const arithmeticOf = (spec: ChainSpec) => [...layerArithmetic(chainToGraph(spec)).values()];

describe("operations", () => {
  test("of all layers are those of the net", () => {
    const spec = nin({ kind: "binary", hasAlpha: true });
    const layers = arithmeticOf(spec);
    expect(layers.reduce((sum, { macs }) => sum + macs, 0)).toBe(netCost(spec).macs);
    expect(layers[0]?.macs).toBe(32 * 32 * 192 * 75);
  });

  test("are binary if weights and inputs have one bit", () => {
    const binary = arithmeticOf(nin({ kind: "binary", hasAlpha: true }));
    expect(binary.map(({ binaryOps, macs }) => binaryOps === macs)).toEqual([
      false,
      ...new Array(7).fill(true),
      false,
    ]);
    const ternary = arithmeticOf(nin({ kind: "ternary", hasAlpha: true, gapRatio: null }));
    expect(ternary.every(({ binaryOps }) => binaryOps === 0)).toBe(true);
    expect(ternary[1]).toMatchObject({ weightBits: 2, inputBits: 1 });
    expect(ternary[0]).toMatchObject({ weightBits: 32, inputBits: 32 });
  });
});

describe("a net's summary", () => {
  test("has the parameters and bytes of its cost", () => {
    for (const order of ["conv-norm-activation", "norm-activation-conv"] as const) {
      const spec = smallSpec({ weights: { kind: "binary", hasAlpha: true }, order });
      const { total } = latent(spec);
      expect(total.parameters).toBe(netCost(spec).parameters);
      expect(total.float32Bytes).toBe(netCost(spec).bytes);
    }
  });

  test.each(quantizedWeights.map((weights) => [nameOf(weights), weights] as const))(
    "has the bytes that a packed file has, from every form: %s",
    async (_, weights) => {
      const spec = smallSpec({ weights });
      for (const form of ["baked", "merged"] as const) {
        const net = exportNet(spec, form);
        const packed = packModel(net.model, "float32");
        const bytes = [...packed.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
        expect(exported(net).total.packedBytes).toBe(bytes);
        if (form === "baked") expect(latent(spec).total.packedBytes).toBe(bytes);
        const path = join(folder, "net.safetensors");
        for (const edges of ["float32", "int8"] as const) {
          const written = packModel(net.model, edges);
          await writePackedCheckpoint(path, written, { ...net, isFinished: true, version: "test" });
          const read = summariseNet(await loadCheckpoint(path), net.spec);
          const own = [...written.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
          expect(read.total.packedBytes).toBe(own);
          expect(read.layers[0]?.weightBits).toBe(edges === "int8" ? 8 : 32);
        }
      }
    },
  );

  test("counts the same codes in a trained file as in the one with quantized weights", () => {
    for (const weights of quantizedWeights) {
      const spec = smallSpec({ weights });
      const counts = (layers: ReturnType<typeof latent>["layers"]) =>
        layers.map(({ codes }) => codes?.counts);
      expect(counts(latent(spec).layers)).toEqual(
        counts(exported(exportNet(spec, "baked")).layers),
      );
    }
  });
});

test("codes are counted from the smallest, with their entropy", () => {
  const kernel = { codes: Int16Array.of(1, 0, 1, -1), scale: Float32Array.of(1) };
  expect(codeCounts({ grid: { kind: "sign" }, ...kernel })).toEqual({
    grid: "sign",
    counts: [1, 1, 2],
    entropyBits: 1.5,
  });
  const levels = { codes: Int16Array.of(3, 3, 3), scale: Float32Array.of(1) };
  expect(codeCounts({ grid: { kind: "dorefa", bits: 2 }, ...levels })).toEqual({
    grid: "dorefa",
    counts: [0, 0, 0, 3],
    entropyBits: 0,
  });
});

describe("dead channels", () => {
  const deadOf = (layers: ReturnType<typeof latent>["layers"]) =>
    layers.map(({ deadChannels }) => deadChannels);
  /** Weights without a dead channel but those that a test makes. */
  const alive = (spec: ChainSpec): NetWeights =>
    randomWeights(spec, 5).map((conv) => ({
      ...conv,
      affine: conv.affine && { ...conv.affine, gamma: conv.affine.gamma.map((g) => g || 1) },
    }));

  test("are those whose gamma is 0 or whose filter is all 0, merged or not", () => {
    const spec = smallSpec({ weights: { kind: "binary", hasAlpha: true } });
    const weights = alive(spec);
    weights[0]?.kernel.fill(0, 27, 54);
    weights[1]?.kernel.fill(0, 4, 8);
    weights[2]?.affine?.gamma.fill(0, 5, 6);
    const dead = [[1], [1], [5], [], []];
    expect(deadOf(latent(spec, weights).layers)).toEqual(dead);
    for (const form of ["baked", "merged"] as const)
      expect(deadOf(exported(exportNet(spec, form, weights)).layers)).toEqual(dead);
  });

  test("are found by the norm of the next convolution if that precedes it", () => {
    const weights = { kind: "binary", hasAlpha: true } as const;
    const spec = smallSpec({ weights, order: "norm-activation-conv" });
    const made = alive(spec);
    made[1]?.affine?.gamma.fill(0, 4, 5);
    expect(deadOf(latent(spec, made).layers)).toEqual([[4], [], [], [], []]);
    for (const form of ["baked", "merged"] as const)
      expect(deadOf(exported(exportNet(spec, form, made)).layers)).toEqual([[4], [], [], [], []]);
    const raised = { ...spec, norm: { ...spec.norm, minGamma: 0.01 } };
    expect(deadOf(latent(raised, made).layers).flat()).toEqual([]);
  });

  test("of DoReFa weights come from gammas alone: their grid has no 0", () => {
    const spec = smallSpec({ weights: { kind: "dorefa", bits: 4 } });
    const weights = alive(spec);
    weights[1]?.kernel.fill(0);
    expect(deadOf(latent(spec, weights).layers).flat()).toEqual([]);
  });
});

describe("a net with branches", () => {
  const weights = { kind: "ternary", hasAlpha: true, gapRatio: null } as const;
  const graph = branchedGraph({ weights, activations: binaryActivations });
  const model = randomModel(graph, 2);

  test("has all its parameters in its layers, dense ones included", () => {
    const { layers, total } = modelSummary(model);
    const { parameters, bytes, macs } = graphCost(graph);
    expect(total).toMatchObject({ parameters, macs, float32Bytes: bytes });
    expect(layers.map(({ name }) => name)).toEqual(["stem", "a", "b", "c", "d", "hidden", "last"]);
    expect(layers.at(-1)).toMatchObject({ kind: "dense", shape: [3, 5], groups: 1, codes: null });
    // The norm before the last layer is the last one's.
    expect(layers.at(-1)?.parameters).toBe(3 * 5 + 2 * 5);
  });

  test("has the bits of each layer's own weights and inputs", () => {
    const bits = modelSummary(model).layers.map((each) => [each.weightBits, each.inputBits]);
    // The input of c went through a quantizer and dropout; b's went through one after the norm of a.
    expect(bits.slice(0, 5)).toEqual([
      [32, 32],
      [2, 1],
      [2, 1],
      [2, 1],
      [32, 32],
    ]);
    // Flattened signs are still signs.
    expect(bits[5]).toEqual([32, 1]);
  });

  test("has dead channels only where one norm alone reads a layer", () => {
    const dead = new Map(modelSummary(model).layers.map((each) => [each.name, each.deadChannels]));
    // Gamma 3 is 0 in every norm; that of b is raised, and what c computes is read before its norm.
    expect(dead.get("a")).toContain(3);
    expect(dead.get("b")).not.toContain(3);
    expect(dead.get("c")).not.toContain(3);
    expect(dead.get("d")).toContain(3);
  });
});
