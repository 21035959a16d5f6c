import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { channelShuffle } from "../../../src/tensor/ops/channel-shuffle.js";
import {
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../../src/tensor/ops/conv2d.js";
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
} from "../../../src/tensor/ops/pool.js";
import { tf } from "../../../src/tensor/tf.js";
import { squareConv, squarePool } from "../../square-windows.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

/** Sums of some hundred float32 terms in another order, relative to the largest result. */
const SUM_TOLERANCE = 5e-6;

const expectClose = (actual: tf.Tensor, expected: tf.Tensor): void => {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  const largest = Math.max(...b.map(Math.abs));
  const difference = Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
  expect(difference / largest).toBeLessThan(SUM_TOLERANCE);
};

type Shape = [number, number, number, number];
const cases: {
  name: string;
  x: Shape;
  kernel: Shape;
  stride: number;
  pad: number;
  groups: number;
}[] = [
  { name: "1x1", x: [2, 5, 4, 7], kernel: [1, 1, 7, 3], stride: 1, pad: 0, groups: 1 },
  { name: "5x5 with pad", x: [2, 6, 7, 3], kernel: [5, 5, 3, 4], stride: 1, pad: 2, groups: 1 },
  { name: "3x3, stride 2", x: [2, 9, 8, 4], kernel: [3, 3, 4, 5], stride: 2, pad: 1, groups: 1 },
  { name: "3x3 in 4 groups", x: [2, 6, 6, 8], kernel: [3, 3, 2, 12], stride: 1, pad: 1, groups: 4 },
];

test.each(cases)(
  "the JavaScript convolution, $name, equals its reference implementation in values and gradients",
  (c) => {
    const { x: xShape, kernel: kernelShape, stride, pad, groups } = c;
    const geometry = squareConv({ stride, pad, groups });
    const x = tf.randomNormal<tf.Rank.R4>(xShape, 0, 1, "float32", 1);
    const kernel = tf.randomNormal<tf.Rank.R4>(kernelShape, 0, 1, "float32", 2);
    const y = conv2d(x, kernel, geometry);
    expectClose(y, conv2d.plain(x, kernel, geometry));
    expectClose(
      conv2dInputGradient(y, kernel, xShape, geometry),
      conv2dInputGradient.plain(y, kernel, xShape, geometry),
    );
    expectClose(
      conv2dKernelGradient(x, y, kernelShape, geometry),
      conv2dKernelGradient.plain(x, y, kernelShape, geometry),
    );
  },
);

const pools = [
  { size: 3, stride: 2, pad: 1 },
  { size: 2, stride: 2, pad: 0 },
  { size: 3, stride: 1, pad: 1 },
  { size: 4, stride: 4, pad: 0 },
];

test.each(pools)(
  "JavaScript pooling of size $size, stride $stride, pad $pad equals its reference implementation",
  (window) => {
    const geometry = squarePool(window);
    const shape: Shape = [2, 8, 9, 3];
    // Rounded to quarters, so that windows hold equal values.
    const x = tf.tidy(
      () => tf.div(tf.round(tf.randomNormal<tf.Rank.R4>(shape, 0, 2)), 4) as tf.Tensor4D,
    );
    const plain = maxPoolTrain.plain(x, geometry);
    const { y, argmax } = maxPoolTrain(x, geometry);
    expectClose(y, plain.y);
    expect([...argmax.dataSync()]).toEqual([...plain.argmax.dataSync()]);
    expectClose(maxPool(x, geometry), plain.y);
    expectClose(
      maxPoolGradient(y, argmax, shape, geometry),
      maxPoolGradient.plain(y, plain.argmax, shape, geometry),
    );
    expectClose(averagePool(x, geometry), averagePool.plain(x, geometry));
    expectClose(
      averagePoolGradient(y, shape, geometry),
      averagePoolGradient.plain(y, shape, geometry),
    );
  },
);

test("the JavaScript channel shuffle equals its reference implementation", () => {
  const x = tf.randomNormal<tf.Rank.R4>([2, 3, 3, 12]);
  expectClose(channelShuffle(x, 3), channelShuffle.plain(x, 3));
});

test("arithmetic with one value per channel broadcasts along the last axis", () => {
  const x = tf.tensor([1, 2, 3, 4, 5, 6], [1, 3, 2]);
  const perChannel = tf.tensor1d([10, 100]);
  expect([...tf.add(x, perChannel).dataSync()]).toEqual([11, 102, 13, 104, 15, 106]);
  expect([...tf.sub(x, perChannel).dataSync()]).toEqual([-9, -98, -7, -96, -5, -94]);
  expect([...tf.mul(x, perChannel).dataSync()]).toEqual([10, 200, 30, 400, 50, 600]);
  expect([...tf.mul(perChannel, tf.scalar(2)).dataSync()]).toEqual([20, 200]);
});

test("sums and means per channel are those of the columns", () => {
  const x = tf.tensor([1, 2, 3, 4, 5, 6], [1, 3, 2]);
  expect([...tf.sum(x, [0, 1]).dataSync()]).toEqual([9, 12]);
  expect([...tf.mean(x, [0, 1]).dataSync()]).toEqual([3, 4]);
  expect(tf.sum(x, [0, 1], true).shape).toEqual([1, 1, 2]);
  expect([...tf.sum(x, [1]).dataSync()]).toEqual([9, 12]);
  const matrix = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  expect([...tf.sum(matrix, 0).dataSync()]).toEqual([4, 6]);
  for (const y of [x, matrix]) {
    const values = [...y.dataSync()];
    const sum = values.reduce((a, b) => a + b);
    expect(tf.sum(y).dataSync()[0]).toBe(sum);
    expect(tf.mean(y).dataSync()[0]).toBe(sum / values.length);
  }
  expect([...tf.sum(x, -1).dataSync()]).toEqual([3, 7, 11]);
});
