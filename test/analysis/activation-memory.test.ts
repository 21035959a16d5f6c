import { expect, test } from "vitest";
import { activationSteps, peakActivation } from "../../src/analysis/activation-memory.js";
import type { ActivationQuantization } from "../../src/graph/quantizers.js";
import { builtInSpec } from "../../src/models/architectures.js";
import type { NetSpec } from "../../src/models/spec.js";

const nin = (activations: ActivationQuantization, arch: "nin" | "nin_bn_conv" = "nin"): NetSpec =>
  builtInSpec({
    arch,
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "dorefa",
    quantization: { weights: { kind: "float" }, activations },
  });

const FLOAT = { kind: "float" } as const;
const BINARY = { kind: "binary", values: "sign", straightThrough: "saturate" } as const;
const doReFa = (bits: 2 | 4 | 8) => ({ kind: "dorefa", bits, scale: 0.1 }) as const;

test("the peak of a float net is between its two largest maps", () => {
  // 192 channels are read and 160 written, 32 x 32 floats each.
  expect(peakActivation(nin(FLOAT))).toEqual({
    conv: 1,
    kind: "convolution",
    bytes: 4 * 1024 * (192 + 160),
  });
});

test("quantized maps take the bits that they have", () => {
  const steps = activationSteps(nin(doReFa(4)));
  expect(steps[0]?.bytes).toBe(4 * 1024 * 3 + (1024 * 192) / 2);
  expect(steps[1]?.bytes).toBe((1024 * (192 + 160)) / 2);
  // A max pool keeps the levels, an average pool makes floats of them.
  expect(steps.filter(({ kind }) => kind === "pool").map(({ bytes }) => bytes)).toEqual([
    (1024 * 96 + 256 * 96) / 2,
    (256 * 192) / 2 + 4 * 64 * 192,
  ]);
  // The last convolution reads and writes floats, and so does the mean.
  expect(steps.at(-1)).toEqual({ conv: 8, kind: "mean", bytes: 4 * (64 * 10 + 10) });
});

test("fewer bits never need more", () => {
  const peaks = [FLOAT, doReFa(8), doReFa(4), doReFa(2), BINARY].map(
    (activations) => peakActivation(nin(activations)).bytes,
  );
  expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
});

test("a norm before a convolution reads floats and writes signs", () => {
  const steps = activationSteps(nin(BINARY, "nin_bn_conv"));
  expect(steps[1]).toEqual({ conv: 1, kind: "norm", bytes: 4 * 1024 * 192 + (1024 * 192) / 8 });
  expect(steps[2]?.bytes).toBe((1024 * 192) / 8 + 4 * 1024 * 160);
});
