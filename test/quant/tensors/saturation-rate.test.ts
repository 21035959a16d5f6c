import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { buildNet } from "../../../src/models/build-net.js";
import { saturationRate } from "../../../src/quant/tensors/saturation-rate.js";
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
  [
    "DoReFa after a ReLU6 from 6 on",
    { kind: "unit", levels: 15, scale: 0.1, afterRelu: true, limit: 6 },
    2 / 8,
  ],
  ["DoReFa of one bit too", { kind: "unitSign", scale: 0.5, afterRelu: true }, 2 / 8],
  ["a sign that saturates from 1 on", { kind: "sign", straightThrough: "saturate" }, 5 / 8],
  ["a soft ternary one too", { kind: "ternary", straightThrough: "soft" }, 5 / 8],
  ["a sign with the whole gradient never", { kind: "sign", straightThrough: "identity" }, null],
  ["signed DoReFa clips on both sides", { kind: "signedUnit", levels: 7, scale: 0.1 }, 2 / 8],
  ["a ReLU6 clips from 6 on", { kind: "relu6" }, 2 / 8],
  ["a ReLU never", { kind: "relu" }, null],
  ["a leaky ReLU never", { kind: "leakyRelu", slope: 0.1 }, null],
  ["a hard sigmoid never, in spite of its flat ends", { kind: "hardSigmoid" }, null],
])("%s", (_, activation, share) => {
  const x = tf.tensor1d(VALUES);
  expect(saturationRate(x, activation)).toBe(share);
  x.dispose();
});

test("a net reports the rates of its norms, keeps the images and leaks no tensor", () => {
  const net = buildNet(smallSpec({ weights: { kind: "float" } }), { seed: 1, gammaStart: "ones" });
  const images = randomTensor([5, 8, 8, 3], 1) as Tensor4D;
  const before = tf.memory().numTensors;
  const rates = net.saturationRates(images);
  expect(tf.memory().numTensors).toBe(before);
  expect(images.isDisposed).toBe(false);
  // The activations before the quantized convolutions, of which there are three.
  expect(rates.map(({ name }) => name)).toEqual(["dorefa.1", "dorefa.2.bn", "dorefa.3.bn"]);
  for (const { rate } of rates) {
    expect(rate).toBeGreaterThanOrEqual(0);
    expect(rate).toBeLessThanOrEqual(1);
  }
  images.dispose();
  net.dispose();
});
