import { expect, test } from "vitest";
import { manifestFromMetadata, manifestToMetadata } from "../../src/checkpoint/manifest.js";
import { DIGITS_INFO } from "../../src/data/digits.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";

test("rewriting a description reproduces every byte", () => {
  const spec = builtInSpec({
    arch: "nin",
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization: {
      activations: { kind: "dorefa", scale: 0.1, bits: 4 },
      weights: { kind: "ternary", gapRatio: 0.8, hasAlpha: false },
    },
  });
  const manifest = { spec, dataSet: DIGITS_INFO, epoch: 3, isFinished: true, version: "0.0.0" };
  const written = manifestToMetadata(manifest);
  const read = manifestFromMetadata(written, "a file");
  expect(read && manifestToMetadata(read)).toEqual(written);
});
