import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { foldBatchNorms } from "../../src/bnmerge/fold-batch-norms.js";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { readModel } from "../../src/checkpoint/read-model.js";
import { DIGITS_INFO } from "../../src/data/digits.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { writeDenseNet } from "../../src/export/dense-file.js";
import type { ExportNet } from "../../src/export/export-net.js";
import { packNet, widenedKernels, writePackedNet } from "../../src/export/packed-file.js";
import { graphOf, specOfGraph, specOfModel } from "../../src/models/net-spec.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { branchedGraph } from "../graph/branched-graph.js";
import { randomModel } from "../graph/random-model.js";
import { binaryActivations } from "../models/quantizations.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-graph-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const quantization = {
  weights: { kind: "dorefa", bits: 3 },
  activations: binaryActivations,
} as const;

const netOf = (form: "baked" | "merged"): ExportNet => {
  const graph = branchedGraph(quantization);
  const trained = specOfGraph({ arch: "branched", quantization, form: "trainable", graph });
  const baked = bakeWeights(randomModel(graph, 4));
  const model = form === "baked" ? baked : foldBatchNorms(baked);
  const spec = specOfModel(trained, model, form);
  return { spec, model, dataSet: DIGITS_INFO, accuracy: 50, epoch: 1 };
};

test.each(["baked", "merged"] as const)(
  "a net with branches is read from its packed and its dense file as it was written: %s",
  async (form) => {
    const net = netOf(form);
    const [packed, dense] = [join(folder, "packed.safetensors"), join(folder, "dense.pth")];
    const packedBytes = await writePackedNet(packNet(net, "float32", packed), packed, "0.0.0");
    const denseBytes = await writeDenseNet(net, dense, "0.0.0");
    expect(packedBytes).toBeLessThan(denseBytes);
    for (const path of [packed, dense]) {
      const read = await loadCheckpoint(path);
      expect(read.manifest?.spec).toEqual(net.spec);
      expect(readModel(read, graphOf(net.spec)).weights).toEqual(net.model.weights);
    }
  },
);

test("a packed net with branches is rounded to int8 except for its quantized kernels", () => {
  const net = netOf("merged");
  const packed = packNet(net, "int8", "a test");
  const { model, accuracy } = packed.after.net;
  expect(model.weights.get("a.weight")).toEqual(net.model.weights.get("a.weight"));
  expect(model.weights.get("last.weight")).not.toEqual(net.model.weights.get("last.weight"));
  expect(model.weights.get("last.bias")).toEqual(net.model.weights.get("last.bias"));
  expect(accuracy).toBeUndefined();
  expect(widenedKernels(packed)).toEqual([]);
});
