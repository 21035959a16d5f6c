import { beforeAll, expect, test } from "vitest";
import { conv2d, conv2dInputGradient, conv2dKernelGradient } from "../../src/core/ops/conv2d.js";
import { tf } from "../../src/core/tf.js";
import { loadEngine } from "../../src/engine/load-engine.js";

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
  "the JavaScript convolution, $name, equals its plain twin in values and gradients",
  (c) => {
    const { x: xShape, kernel: kernelShape, stride, pad, groups } = c;
    const geometry = { stride, pad, groups };
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
