import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { bf16Conv2d, bf16Conv2dKernelGradient } from "../../../src/tensor/ops/bf16-conv.js";
import { tf } from "../../../src/tensor/tf.js";
import { squareConv } from "../../square-windows.js";
import { describeBf16Convs } from "./bf16-cases.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describeBf16Convs();

test.each([
  ["halfway to an even number", 1 + 2 ** -8, 1],
  ["halfway to an odd one", 1 + 3 * 2 ** -8, 1 + 2 ** -6],
  ["just above half", Math.fround(1 + 2 ** -8 + 2 ** -23), 1 + 2 ** -7],
  ["infinity", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ["NaN", Number.NaN, Number.NaN],
])("a value %s rounds to the nearest, of two to the even one", (_, value, rounded) => {
  const geometry = squareConv({ stride: 1, pad: 0, groups: 1 });
  const x = tf.fill([1, 1, 1, 1], value) as tf.Tensor4D;
  const y = bf16Conv2d(x, tf.ones([1, 1, 1, 1]) as tf.Tensor4D, geometry);
  expect(y.dataSync()[0]).toBe(rounded);
});

test("the gradient of a large kernel, whose values the threads share, is exact for whole numbers", () => {
  const geometry = squareConv({ stride: 1, pad: 1, groups: 1 });
  const x = tf.ones([2, 3, 3, 512]) as tf.Tensor4D;
  const dy = tf.ones([2, 3, 3, 512]) as tf.Tensor4D;
  const gradient = bf16Conv2dKernelGradient(x, dy, [3, 3, 512, 512], geometry);
  // A tap meets 2 or 3 rows and columns of each of two images.
  const perTap = [4, 6, 4, 6, 9, 6, 4, 6, 4].map((positions) => 2 * positions);
  const taps = tf.max(tf.reshape(gradient, [9, -1]), 1).dataSync();
  expect([...taps]).toEqual(perTap);
  expect([...tf.min(tf.reshape(gradient, [9, -1]), 1).dataSync()]).toEqual(perTap);
});
