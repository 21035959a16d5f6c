import { expect, test } from "vitest";
import { activationSteps, peakActivation } from "../../src/analysis/activation-memory.js";
import type { Graph } from "../../src/graph/graph.js";
import type { ActivationQuantization } from "../../src/graph/quantizers.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { chainToGraph } from "../../src/models/chains/chain-to-graph.js";
import { branchedGraph } from "../graph/branched-graph.js";

const nin = (activations: ActivationQuantization, arch: "nin" | "nin_bn_conv" = "nin"): Graph =>
  chainToGraph(
    builtInSpec({
      arch,
      classes: 10,
      input: { channels: 3, height: 32, width: 32 },
      sequence: "dorefa",
      quantization: { weights: { kind: "float" }, activations },
    }),
  );

const FLOAT = { kind: "float" } as const;
const BINARY = { kind: "binary", values: "sign", straightThrough: "saturate" } as const;
const doReFa = (bits: 2 | 4 | 8) => ({ kind: "dorefa", bits, scale: 0.1 }) as const;

test("the peak of a float net is between its two largest maps", () => {
  // 192 channels are read and 160 written, 32 x 32 floats each.
  expect(peakActivation(nin(FLOAT))).toEqual({
    node: "dorefa.2.conv",
    kind: "conv",
    bytes: 4 * 1024 * (192 + 160),
  });
});

test("quantized maps take the bits that they have", () => {
  const steps = activationSteps(nin(doReFa(4)));
  expect(steps[0]?.bytes).toBe(4 * 1024 * 3 + (1024 * 192) / 2);
  expect(steps[1]?.bytes).toBe((1024 * (192 + 160)) / 2);
  // A max pool keeps the levels, an average pool makes floats of them.
  expect(
    steps
      .filter(({ kind }) => kind.endsWith("Pool"))
      .slice(0, 2)
      .map(({ bytes }) => bytes),
  ).toEqual([(1024 * 96 + 256 * 96) / 2, (256 * 192) / 2 + 4 * 64 * 192]);
  // The last convolution reads and writes floats, and so does the mean.
  expect(steps.at(-1)).toEqual({
    node: "mean",
    kind: "globalPool",
    bytes: 4 * (64 * 10 + 10),
  });
});

test("fewer bits never need more", () => {
  const peaks = [FLOAT, doReFa(8), doReFa(4), doReFa(2), BINARY].map(
    (activations) => peakActivation(nin(activations)).bytes,
  );
  expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
});

test("a norm before a convolution reads floats and writes signs", () => {
  const steps = activationSteps(nin(BINARY, "nin_bn_conv"));
  expect(steps[1]).toEqual({
    node: "dorefa.3.bn",
    kind: "batchNorm",
    bytes: 4 * 1024 * 192 + (1024 * 192) / 8,
  });
  expect(steps[2]?.bytes).toBe((1024 * 192) / 8 + 4 * 1024 * 160);
});

test("a value that a later step reads takes memory until then", () => {
  const steps = activationSteps(branchedGraph({}));
  const map = 4 * 7 * 6 * 8;
  const bytes = new Map(steps.map((step) => [step.node, step.bytes]));
  expect(bytes.get("stem")).toBe(4 * 7 * 6 * 3 + map);
  expect(bytes.get("a")).toBe(2 * map);
  // The output of the stem is kept for the sum.
  expect(bytes.get("b")).toBe(3 * map);
  expect(bytes.get("sum")).toBe(3 * map);
  // A norm after a sum is a step; dropout has none.
  expect(bytes.get("sum.bn")).toBe(2 * map);
  expect(bytes.has("drop")).toBe(false);
});

test("signs count as floats on request", () => {
  const signs = nin(BINARY);
  expect(peakActivation(signs, { asFloat32: true }).bytes).toBe(peakActivation(nin(FLOAT)).bytes);
});
