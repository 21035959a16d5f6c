import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { buildNet } from "../../../src/models/build-net.js";
import { clippedShare } from "../../../src/quant/tensors/clipped-share.js";
import type { Activation } from "../../../src/tensor/ops/activation.js";
import { type Tensor4D, tf } from "../../../src/tensor/tf.js";
import { smallSpec } from "../../checkpoint/packed/export-nets.js";
import { randomTensor } from "../../random-tensor.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const VALUES = [-12, -1, -0.5, 0, 0.5, 1, 10, 12];

test.each<[string, Activation, number | null]>([
  [
    "DoReFa clips above 1 / scale",
    { kind: "unit", levels: 15, scale: 0.1, afterRelu: true },
    1 / 8,
  ],
  ["DoReFa of one bit too", { kind: "unitSign", scale: 0.5, afterRelu: true }, 2 / 8],
  ["a sign that saturates from 1 on", { kind: "sign", straightThrough: "saturate" }, 5 / 8],
  ["a soft ternary one too", { kind: "ternary", straightThrough: "soft" }, 5 / 8],
  ["a sign with the whole gradient never", { kind: "sign", straightThrough: "identity" }, null],
  ["a ReLU never", { kind: "relu" }, null],
])("%s", (_, activation, share) => {
  const x = tf.tensor1d(VALUES);
  expect(clippedShare(x, activation)).toBe(share);
  x.dispose();
});

test("a net tells its norms' shares, keeps the images and leaves nothing behind", () => {
  const net = buildNet(smallSpec({ weights: { kind: "float" } }), { seed: 1, gammaStart: "ones" });
  const images = randomTensor([5, 8, 8, 3], 1) as Tensor4D;
  const before = tf.memory().numTensors;
  const shares = net.clippedShares(images);
  expect(tf.memory().numTensors).toBe(before);
  expect(images.isDisposed).toBe(false);
  // The activations in front of the quantized convolutions, of which there are three.
  expect(shares.map(({ name }) => name)).toEqual(["dorefa.1", "dorefa.2.bn", "dorefa.3.bn"]);
  for (const { share } of shares) {
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  }
  images.dispose();
  net.dispose();
});
