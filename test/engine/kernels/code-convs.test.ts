import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { NativeBackend } from "../../../src/engine/native-backend.js";
import { attributeMaker } from "../../../src/engine/native-kernels/activation-attributes.js";
import { convAttributes } from "../../../src/engine/native-kernels/conv-attributes.js";
import { storageAttribute } from "../../../src/engine/native-kernels/storage-attributes.js";
import { quantizeDoReFaWeights } from "../../../src/quant/tensors/dorefa-weights.js";
import { FLOAT32 } from "../../../src/tensor/storage.js";
import { tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { squareConv } from "../../square-windows.js";
import { codes, describeCodeOp, IMAGES, KERNEL, NOTHING, signs } from "./code-operands.js";

const processor = readFileSync("/proc/cpuinfo", "utf8");

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describeCodeOp({
  op: "QpruneTernaryConv",
  isKnown: /\b(avx512_vpopcntdq|avx2)\b/.test(processor),
  levels: null,
  operands: () => [signs(IMAGES, 1), tf.mul(signs(KERNEL, 2), 0.3)],
});
// Signed bytes with weights that are stored as halves of their codes.
describeCodeOp({
  op: "QpruneTernaryConv",
  isKnown: /\bamx_tile\b/.test(processor),
  levels: null,
  operands: () => [signs(IMAGES, 1), quantizeDoReFaWeights(randomTensor(KERNEL, 2), 8)],
});
describeCodeOp({
  op: "QpruneByteConv",
  isKnown: /\bavx512_vnni\b/.test(processor),
  levels: 255,
  operands: () => [codes(IMAGES, 1, 255), quantizeDoReFaWeights(randomTensor(KERNEL, 2), 8)],
});

test("sums that could pass 32 bits are computed in floats", () => {
  const backend = tf.backend() as unknown as NativeBackend;
  const { int } = attributeMaker(backend);
  const channels = 33_100;
  const geometry = squareConv({ stride: 1, pad: 0, groups: 1 });
  const attributes = [
    ...convAttributes(backend, geometry),
    int("input_levels", 255),
    storageAttribute(backend, "Ty", FLOAT32),
  ];
  // All codes are 255, except the one weight that sets the filter's factor.
  const kernel = tf.concat([tf.fill([1, 1, 1, 1], 1 / 255), tf.ones([1, 1, channels - 1, 1])], 2);
  const operands = [tf.ones([1, 1, 1, channels]), kernel];
  const y = backend.executeSingleOutput("QpruneByteConv", attributes, operands);
  expect(y.shape).toEqual(NOTHING);
});
