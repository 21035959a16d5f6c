import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/core/tf.js";
import { attributeMaker } from "../../src/engine/kernels/activation-attributes.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { NativeBackend } from "../../src/engine/native-backend.js";
import { randomTensor } from "../random-tensor.js";

const countsBits = /\bavx512_vpopcntdq\b/.test(readFileSync("/proc/cpuinfo", "utf8"));

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

/** The sizes of what the native op gives for these operands. */
const shapeOf = (x: tf.Tensor, kernel: tf.Tensor): number[] => {
  const backend = tf.backend() as unknown as NativeBackend;
  const { int } = attributeMaker(backend);
  const attributes = [int("groups", 1), int("pad", 0), int("stride", 1)];
  return backend.executeSingleOutput("QpruneTernaryConv", attributes, [x, kernel]).shape;
};

describe("the native ternary convolution", () => {
  const signs = (shape: number[], seed: number): tf.Tensor => tf.sign(randomTensor(shape, seed));

  test(`${countsBits ? "counts bits" : "leaves everything to floats"} on this processor`, () => {
    const shape = shapeOf(signs([2, 4, 4, 40], 1), tf.mul(signs([1, 1, 40, 24], 2), 0.3));
    expect(shape).toEqual(countsBits ? [2, 4, 4, 24] : [0, 0, 0, 0]);
  });

  test("leaves other values to floats", () => {
    const [x, kernel] = [signs([2, 4, 4, 40], 1), signs([1, 1, 40, 24], 2)];
    expect(shapeOf(tf.mul(x, 2), kernel)).toEqual([0, 0, 0, 0]);
    expect(shapeOf(x, randomTensor([1, 1, 40, 24], 3))).toEqual([0, 0, 0, 0]);
  });
});
