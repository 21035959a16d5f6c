import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { quantizeDoReFaWeights } from "../../../src/quant/tensors/dorefa-weights.js";
import { codedConv2d } from "../../../src/tensor/ops/conv2d.js";
import { tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { squareConv } from "../../square-windows.js";
import { expectClose, SUM_TOLERANCE } from "../../tensor/close-tensors.js";
import { describeCodedConvs } from "../../tensor/coded-convs.js";
import {
  codes,
  describeCodeOp,
  IMAGES,
  KERNEL,
  NOTHING,
  shapeOfOp,
  signs,
} from "./code-operands.js";

// As on a processor that has AVX2 and no more: read once, by this process's first convolution.
const LIMIT = "ONEDNN_MAX_CPU_ISA";
const before = process.env[LIMIT];
process.env[LIMIT] = "AVX2";
afterAll(() => {
  if (before === undefined) delete process.env[LIMIT];
  else process.env[LIMIT] = before;
});

const isKnown = /\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8"));

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describeCodeOp({
  op: "QpruneTernaryConv",
  isKnown,
  levels: null,
  operands: () => [signs(IMAGES, 1), tf.mul(signs(KERNEL, 2), 0.3)],
});
describeCodeOp({
  op: "QpruneByteConv",
  isKnown,
  levels: 15,
  operands: () => [codes(IMAGES, 1, 15), quantizeDoReFaWeights(randomTensor(KERNEL, 2), 4)],
});
describeCodedConvs();

test.each([
  [5, true],
  [6, true],
  [7, false],
  [8, false],
])("%i bits in codes: %s; products beyond 16 bits are computed in floats", (bits, isCoded) => {
  const levels = 2 ** bits - 1;
  const kernel = quantizeDoReFaWeights(randomTensor(KERNEL, 2), bits);
  const shape = shapeOfOp({ op: "QpruneByteConv", levels }, codes(IMAGES, 1, levels), kernel);
  expect(shape).toEqual(isKnown && isCoded ? [2, 4, 4, 24] : NOTHING);
});

test("input codes beyond a byte are computed in floats", () => {
  const x = tf.fill(IMAGES, 400 / 511);
  const shape = shapeOfOp({ op: "QpruneByteConv", levels: 511 }, x, signs(KERNEL, 2));
  expect(shape).toEqual(NOTHING);
});

test.each([
  ["greatest", () => tf.ones([5, 5, 96, 32])],
  ["least", () => tf.neg(tf.ones([5, 5, 96, 32]))],
  ["of both signs", () => signs([5, 5, 96, 32], 2)],
])("sums of the largest products do not overflow: %s", (_, make) => {
  const values = tf.buffer([5, 5, 96, 32], "float32", make().dataSync().slice() as Float32Array);
  // The factor of every filter is 1 / 15, and all its other weights are 15 times that.
  for (let filter = 0; filter < 32; filter++) values.set(1 / 15, 0, 0, 0, filter);
  const kernel = values.toTensor() as tf.Tensor4D;
  const x = tf.ones([1, 9, 9, 96]) as tf.Tensor4D;
  const geometry = squareConv({ stride: 1, pad: 2, groups: 1 });
  const expected = codedConv2d.plain(x, kernel, 15, geometry);
  expectClose(codedConv2d(x, kernel, 15, geometry), expected, SUM_TOLERANCE);
});
