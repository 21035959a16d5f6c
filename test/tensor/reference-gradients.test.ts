import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { conv2d, conv2dInputGradient, conv2dKernelGradient } from "../../src/tensor/ops/conv2d.js";
import {
  normActivateGradient,
  normActivateTrain,
  type RunningStatistics,
} from "../../src/tensor/ops/norm-activate.js";
import {
  averagePool,
  averagePoolGradient,
  maxPoolGradient,
  maxPoolTrain,
} from "../../src/tensor/ops/pool.js";
import { softmaxCrossEntropy } from "../../src/tensor/ops/softmax-cross-entropy.js";
import { tf } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";
import { relativeDifference } from "../reference/compare.js";
import { squareConv, squarePool } from "../square-windows.js";

// The reference implementations run on the pure JavaScript backend, whose values are the definition.
beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const NUMERIC_TOLERANCE = 5e-3;

/** Central differences of sum(dy f(x)) in float32: good to about a thousandth. */
const numericGradient = (
  f: (x: tf.Tensor4D) => tf.Tensor,
  x: tf.Tensor4D,
  dy: tf.Tensor,
): Float32Array => {
  const at = x.dataSync();
  const step = 1e-2;
  const value = (index: number, by: number): number =>
    tf.tidy(() => {
      const moved = Float32Array.from(at);
      moved[index] = (moved[index] as number) + by;
      return tf.sum(tf.mul(dy, f(tf.tensor4d(moved, x.shape)))).dataSync()[0] as number;
    });
  return Float32Array.from(
    at,
    (_, index) => (value(index, step) - value(index, -step)) / (2 * step),
  );
};

const expectGradient = (
  f: (x: tf.Tensor4D) => tf.Tensor,
  x: tf.Tensor4D,
  dy: tf.Tensor,
  gradient: tf.Tensor,
): void => {
  const difference = relativeDifference(gradient.dataSync(), numericGradient(f, x, dy));
  expect(difference).toBeLessThan(NUMERIC_TOLERANCE);
};

test("grouped convolution has the gradients of its finite differences", () => {
  const geometry = squareConv({ stride: 1, pad: 1, groups: 2 });
  const x = randomTensor([2, 4, 4, 4], 1) as tf.Tensor4D;
  const w = randomTensor([3, 3, 2, 6], 2) as tf.Tensor4D;
  const dy = randomTensor([2, 4, 4, 6], 3) as tf.Tensor4D;
  expectGradient(
    (z) => conv2d(z, w, geometry),
    x,
    dy,
    conv2dInputGradient(dy, w, x.shape, geometry),
  );
  expectGradient(
    (z) => conv2d(x, z, geometry),
    w,
    dy,
    conv2dKernelGradient(x, dy, w.shape, geometry),
  );
});

test("batch norm has the gradients of its finite differences, statistics included", () => {
  const x = randomTensor([3, 2, 2, 4], 1) as tf.Tensor4D;
  const gamma = tf.tensor1d([1.5, -0.5, 2, 1]);
  const beta = tf.tensor1d([0.3, 0, -0.2, 1]);
  const dy = randomTensor(x.shape, 2) as tf.Tensor4D;
  const tail = { activation: { kind: "identity" }, shuffleGroups: 2 } as const;
  const running = { mean: tf.zeros([4]), variance: tf.ones([4]) } as RunningStatistics;
  const update = { weight: 0.1, inputBias: tf.zeros([4]) as tf.Tensor1D };
  const train = (z: tf.Tensor4D) =>
    normActivateTrain(z, { gamma, beta }, running, update, 1e-5, tail, null);
  const { mean, variance } = train(x);
  const { dx } = normActivateGradient(
    dy,
    { x, addend: null, gamma, beta, mean, variance },
    1e-5,
    tail,
  );
  expectGradient((z) => train(z).y, x, dy, dx);
});

test("batch norm with an addend before its activation has the gradients of its finite differences", () => {
  const x = randomTensor([3, 2, 2, 4], 1) as tf.Tensor4D;
  const addend = randomTensor(x.shape, 5) as tf.Tensor4D;
  const gamma = tf.tensor1d([1.5, -0.5, 2, 1]);
  const beta = tf.tensor1d([0.3, 0, -0.2, 1]);
  const dy = randomTensor(x.shape, 2) as tf.Tensor4D;
  const tail = { activation: { kind: "silu" }, shuffleGroups: 2 } as const;
  const running = { mean: tf.zeros([4]), variance: tf.ones([4]) } as RunningStatistics;
  const update = { weight: 0.1, inputBias: tf.zeros([4]) as tf.Tensor1D };
  const train = (z: tf.Tensor4D, added: tf.Tensor4D) =>
    normActivateTrain(z, { gamma, beta }, running, update, 1e-5, tail, added);
  const { mean, variance } = train(x, addend);
  const saved = { x, addend, gamma, beta, mean, variance };
  const { dx, dAddend } = normActivateGradient(dy, saved, 1e-5, tail);
  expectGradient((z) => train(z, addend).y, x, dy, dx);
  expectGradient((z) => train(x, z).y, addend, dy, dAddend as tf.Tensor4D);
});

test("the running variance takes n / (n - 1) times the variance that normalizes", () => {
  const x = randomTensor([2, 3, 5, 4], 1) as tf.Tensor4D;
  const tail = { activation: { kind: "relu" }, shuffleGroups: 1 } as const;
  const [zero, one] = [tf.zeros([4]), tf.ones([4])] as [tf.Tensor1D, tf.Tensor1D];
  const { running, variance } = normActivateTrain(
    x,
    { gamma: one, beta: zero },
    { mean: zero, variance: zero },
    { weight: 1, inputBias: zero },
    1e-5,
    tail,
    null,
  );
  const ratio = tf.div(running.variance, variance).dataSync();
  for (const value of ratio) expect(value).toBeCloseTo(30 / 29, 5);
});

test("average pooling divides by the whole window at the edges too", () => {
  const geometry = squarePool({ size: 3, stride: 2, pad: 1 });
  const y = averagePool(tf.ones([1, 4, 4, 1]) as tf.Tensor4D, geometry);
  expect([...y.dataSync()].map((value) => Math.round(value * 9))).toEqual([4, 6, 6, 9]);
  const x = randomTensor([2, 4, 4, 2], 1) as tf.Tensor4D;
  const dy = randomTensor([2, 2, 2, 2], 2) as tf.Tensor4D;
  expectGradient(
    (z) => averagePool(z, geometry),
    x,
    dy,
    averagePoolGradient(dy, x.shape, geometry),
  );
});

test("among equal maxima the gradient goes to the first in row-major order", () => {
  const geometry = squarePool({ size: 3, stride: 2, pad: 1 });
  const x = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
  const { y, argmax } = maxPoolTrain(x, geometry);
  const dx = maxPoolGradient(tf.tensor4d([1, 2, 3, 4], y.shape), argmax, x.shape, geometry);
  // Windows start at (-1, -1), (-1, 1), (1, -1), (1, 1); the first place inside counts.
  expect([...dx.dataSync()]).toEqual([1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("the padding of max pooling never wins, even over negative values", () => {
  const geometry = squarePool({ size: 3, stride: 2, pad: 1 });
  const { y } = maxPoolTrain(tf.fill([1, 2, 2, 1], -5) as tf.Tensor4D, geometry);
  expect([...y.dataSync()]).toEqual([-5]);
});

test("cross-entropy is -log softmax of the label, its gradient softmax minus one-hot over n", () => {
  const logits = tf.tensor2d([
    [0, Math.log(3)],
    [5, 5],
  ]);
  const { loss, dLogits } = softmaxCrossEntropy(logits, tf.tensor1d([1, 0], "int32"));
  expect(loss.dataSync()[0]).toBeCloseTo((-Math.log(0.75) + Math.log(2)) / 2, 6);
  const expected = [0.125, -0.125, -0.25, 0.25];
  expect(relativeDifference(dLogits.dataSync(), expected)).toBeLessThan(1e-6);
});
