import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/core/tf.js";
import { attributeMaker } from "../../src/engine/kernels/activation-attributes.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { NativeBackend } from "../../src/engine/native-backend.js";
import { quantizeDoReFaWeights } from "../../src/quant/dorefa-weights.js";
import { randomTensor } from "../random-tensor.js";

const processor = readFileSync("/proc/cpuinfo", "utf8");

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const signs = (shape: number[], seed: number): tf.Tensor => tf.sign(randomTensor(shape, seed));
const codes = (shape: number[], seed: number, levels: number): tf.Tensor =>
  tf.div(tf.round(tf.mul(tf.clipByValue(randomTensor(shape, seed), 0, 1), levels)), levels);

const IMAGES = [2, 4, 4, 40];
const KERNEL = [1, 1, 40, 24];
const NOTHING = [0, 0, 0, 0];

describe.each([
  {
    op: "QpruneTernaryConv",
    flag: /\bavx512_vpopcntdq\b/,
    levels: null,
    operands: () => [signs(IMAGES, 1), tf.mul(signs(KERNEL, 2), 0.3)] as const,
  },
  {
    op: "QpruneByteConv",
    flag: /\bavx512_vnni\b/,
    levels: 255,
    operands: () =>
      [codes(IMAGES, 1, 255), quantizeDoReFaWeights(randomTensor(KERNEL, 2), 8)] as const,
  },
])("$op", ({ op, flag, levels, operands }) => {
  const shapeOf = (x: tf.Tensor, kernel: tf.Tensor): number[] => {
    const backend = tf.backend() as unknown as NativeBackend;
    const { int } = attributeMaker(backend);
    const geometry = [int("groups", 1), int("pad", 0), int("stride", 1)];
    const attributes = levels === null ? geometry : [...geometry, int("input_levels", levels)];
    return backend.executeSingleOutput(op, attributes, [x, kernel]).shape;
  };
  const isKnown = flag.test(processor);

  test(`computes ${isKnown ? "in codes" : "nothing"} on this processor`, () => {
    expect(shapeOf(...operands())).toEqual(isKnown ? [2, 4, 4, 24] : NOTHING);
  });

  test.each([
    ["a value between two codes", 0.123],
    ["a negative or a greater one", -2],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
  ])("leaves an input with %s to floats", (_, value) => {
    const [x, kernel] = operands();
    const values = x.dataSync().slice();
    values[values.length - 1] = value;
    expect(shapeOf(tf.tensor(values, x.shape), kernel)).toEqual(NOTHING);
  });

  test.each([
    ["a weight off the grid", 0.1234567],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
  ])("leaves a kernel with %s to floats", (_, value) => {
    const [x, kernel] = operands();
    const values = kernel.dataSync().slice();
    values[values.length - 1] = value;
    expect(shapeOf(x, tf.tensor(values, kernel.shape))).toEqual(NOTHING);
  });

  test("leaves latent weights to floats", () => {
    expect(shapeOf(operands()[0], randomTensor(KERNEL, 3))).toEqual(NOTHING);
  });
});

test("sums that could pass 32 bits are left to floats", () => {
  const backend = tf.backend() as unknown as NativeBackend;
  const { int } = attributeMaker(backend);
  const channels = 33_100;
  const attributes = ["groups", "stride", "input_levels"].map((name) => int(name, 1));
  const operands = [tf.ones([1, 1, 1, channels]), tf.ones([1, 1, channels, 1])];
  const y = backend.executeSingleOutput("QpruneByteConv", [...attributes, int("pad", 0)], operands);
  expect(y.shape).toEqual(NOTHING);
});
