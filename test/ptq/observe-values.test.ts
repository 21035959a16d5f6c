import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { sampleOf } from "../../src/ptq/observe-values.js";
import { type Tensor4D, tf } from "../../src/tensor/tf.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

/** A value that contains its image, row, column and channel. */
const numbered = (shape: readonly [number, number, number, number]): Tensor4D => {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, (_, index) => index),
    [...shape],
  );
};

test("all values of a small tensor are shown to its observer", () => {
  const x = numbered([2, 3, 4, 5]);
  expect(sampleOf(x)).toEqual(x.dataSync());
});

test("the values of a large tensor that are shown come from all images, columns and channels", () => {
  const [images, side, channels] = [4, 112, 24];
  const x = numbered([images, side, side, channels]);
  const before = tf.memory().numTensors;
  const sample = sampleOf(x);
  expect(tf.memory().numTensors).toBe(before);
  expect(sample.length).toBeLessThanOrEqual(1 << 18);
  expect(sample.length).toBeGreaterThan(1 << 17);
  const positions = [...sample].map((index) => Math.floor(index / channels));
  const counted = (values: readonly number[]): number => new Set(values).size;
  expect(counted([...sample].map((index) => index % channels))).toBe(channels);
  expect(counted(positions.map((position) => position % side))).toBe(side);
  expect(counted(positions.map((position) => Math.floor(position / side ** 2)))).toBe(images);
});
