import { expect, test } from "vitest";
import type { Quantization } from "../../../src/graph/quantizers.js";
import { graphArchitectures } from "../../../src/models/architectures/graph-architectures.js";
import { DEFAULT_PLACEMENT } from "../../../src/passes/layer-precisions.js";
import { quantizeGraph } from "../../../src/passes/quantize-graph.js";
import { settleBatchesOf } from "../../../src/workflows/training/settle-batches.js";

const float = graphArchitectures.resnet20.build({
  classes: 10,
  image: { height: 32, width: 32, channels: 3 },
  width: 0.25,
});

const withBits = (bits: 2 | 4 | 8) => {
  const quantization: Quantization = {
    weights: { kind: "dorefa", bits },
    activations: { kind: "dorefa", bits: 8, scale: 0.1 },
  };
  return quantizeGraph(float, quantization, DEFAULT_PLACEMENT);
};

test("auto recalibrates nets with at most 4 bits over 20 batches", () => {
  expect(settleBatchesOf("auto", withBits(4), { batchesPerEpoch: 1000 })).toBe(20);
  expect(settleBatchesOf("auto", withBits(2), { batchesPerEpoch: 100 })).toBe(20);
  expect(settleBatchesOf("auto", withBits(8), { batchesPerEpoch: 1000 })).toBe(0);
  expect(settleBatchesOf("auto", float, { batchesPerEpoch: 1000 })).toBe(0);
});

test("auto takes at most a fifth of an epoch, and none where that is too few batches", () => {
  expect(settleBatchesOf("auto", withBits(4), { batchesPerEpoch: 60 })).toBe(12);
  expect(settleBatchesOf("auto", withBits(4), { batchesPerEpoch: 40 })).toBe(8);
  expect(settleBatchesOf("auto", withBits(4), { batchesPerEpoch: 39 })).toBe(0);
});

test("binary activations are few bits, and a number is taken as given", () => {
  const binary: Quantization = {
    weights: { kind: "float" },
    activations: { kind: "binary", values: "sign", straightThrough: "saturate" },
  };
  const graph = quantizeGraph(float, binary, DEFAULT_PLACEMENT);
  expect(settleBatchesOf("auto", graph, { batchesPerEpoch: 400 })).toBe(20);
  expect(settleBatchesOf(0, graph, { batchesPerEpoch: 400 })).toBe(0);
  expect(settleBatchesOf(5, float, { batchesPerEpoch: 4 })).toBe(5);
});
