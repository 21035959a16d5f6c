import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { affineLayer } from "../../../src/models/layers/affine-layer.js";
import { parameter } from "../../../src/models/parameter.js";
import type { NormTail } from "../../../src/tensor/ops/norm-activate.js";
import { tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { expectClose, SUM_TOLERANCE } from "../../tensor/close-tensors.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const SHAPE: [number, number, number, number] = [2, 3, 5, 4];
const SCALES = [1.5, -0.5, 0.25, 2];
const THRESHOLDS = [0.1, -0.3, 0, 1];

const affineOf = (tail: NormTail) => {
  const scale = parameter("rsign.scale", "scale", tf.tensor1d(SCALES));
  const threshold = parameter("rsign.threshold", "threshold", tf.tensor1d(THRESHOLDS));
  return { scale, threshold, layer: affineLayer(scale, threshold, tail) };
};

describe("an affine layer", () => {
  test("has the values and gradients of its formula", () => {
    const { scale, threshold, layer } = affineOf({
      activation: { kind: "identity" },
      shuffleGroups: 1,
    });
    const [x, dy] = [randomTensor(SHAPE, 1), randomTensor(SHAPE, 2)];
    const { y, backward } = layer.train(tf.clone(x));
    expectClose(y, tf.sub(tf.mul(x, tf.tensor1d(SCALES)), tf.tensor1d(THRESHOLDS)), SUM_TOLERANCE);
    const dx = backward(tf.clone(dy)) as tf.Tensor;
    expectClose(dx, tf.mul(dy, tf.tensor1d(SCALES)), SUM_TOLERANCE);
    const sums = (of: tf.Tensor) => tf.sum(of, [0, 1, 2]);
    expectClose(scale.gradient as tf.Tensor, sums(tf.mul(dy, x)), SUM_TOLERANCE);
    expectClose(threshold.gradient as tf.Tensor, tf.neg(sums(dy)), SUM_TOLERANCE);
  });

  test("with a smooth activation and a shuffle has the gradients of central differences", () => {
    const tail: NormTail = { activation: { kind: "sigmoid" }, shuffleGroups: 2 };
    const [x, dy] = [randomTensor(SHAPE, 3), randomTensor(SHAPE, 4)];
    const { scale, threshold, layer } = affineOf(tail);
    const { y, backward } = layer.train(tf.clone(x));
    y.dispose();
    const dx = backward(tf.clone(dy)) as tf.Tensor;
    const loss = (input: tf.Tensor): number => {
      const out = layer.infer(tf.clone(input));
      return tf.tidy(() => tf.sum(tf.mul(out, dy)).dataSync()[0] as number);
    };
    const STEP = 2 ** -5;
    // A sigmoid is off by up to STEP² / 6 times its third derivative, and float32 sums of 120 terms by a few 1e-6 / STEP.
    const TOLERANCE = 1e-3;
    const gradient = dx.dataSync();
    for (const at of [0, 7, 33, 119]) {
      const bump = tf.reshape(tf.oneHot([at], 120), SHAPE);
      const moved = [1, -1].map((sign) => loss(tf.add(x, tf.mul(bump, sign * STEP))));
      const difference = ((moved[0] as number) - (moved[1] as number)) / (2 * STEP);
      expect(Math.abs(difference - (gradient[at] as number))).toBeLessThan(TOLERANCE);
    }
    for (const { value, gradient: own, role } of [scale, threshold]) {
      const numbers = [...value.dataSync()];
      const held = role === "scale" ? scale : threshold;
      for (const [channel, gradientNow] of (own as tf.Tensor).dataSync().entries()) {
        const moved = [1, -1].map((sign) => {
          held.value = tf.tensor1d(numbers.map((v, c) => (c === channel ? v + sign * STEP : v)));
          return loss(x);
        });
        held.value = tf.tensor1d(numbers);
        const difference = ((moved[0] as number) - (moved[1] as number)) / (2 * STEP);
        // Sums over 30 positions.
        expect(Math.abs(difference - gradientNow)).toBeLessThan(30 * TOLERANCE);
      }
    }
  });

  test("before a sign moves its threshold by the gradients that pass the sign (RSign)", () => {
    const { threshold, layer } = affineOf({
      activation: { kind: "sign", straightThrough: "saturate" },
      shuffleGroups: 1,
    });
    const x = tf.fill(SHAPE, 0.05);
    const { y, backward } = layer.train(x);
    // 0.05 SCALES - THRESHOLDS = -0.025, 0.275, 0.0125, -0.9
    expectClose(y, tf.mul(tf.onesLike(y), tf.tensor1d([-1, 1, 1, -1])), 0);
    backward(tf.onesLike(y));
    expect([...(threshold.gradient as tf.Tensor).dataSync()]).toEqual([-30, -30, -30, -30]);
  });

  test("leaks no tensor", () => {
    const { scale, threshold, layer } = affineOf({
      activation: { kind: "relu" },
      shuffleGroups: 2,
    });
    const before = tf.memory().numTensors;
    layer.infer(randomTensor(SHAPE, 1)).dispose();
    const { y, backward } = layer.train(randomTensor(SHAPE, 1));
    const dx = backward(randomTensor(SHAPE, 2)) as tf.Tensor;
    tf.dispose([y, dx, scale.gradient as tf.Tensor, threshold.gradient as tf.Tensor]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
