import { afterAll, beforeAll, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { Tensor4D } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";
import { squareConv } from "../square-windows.js";
import { expectSameConvolution } from "../tensor/expect-same-convolution.js";

// Read once, when this process loads TensorFlow.
const SWITCH = "TF_ENABLE_ONEDNN_OPTS";
const before = process.env[SWITCH];
process.env[SWITCH] = "0";
afterAll(() => {
  if (before === undefined) delete process.env[SWITCH];
  else process.env[SWITCH] = before;
});

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

test.each([
  { kernel: 1, pad: 0, groups: 4, stride: 1, dilation: [1, 1] },
  { kernel: 3, pad: 1, groups: 2, stride: 1, dilation: [1, 1] },
  { kernel: 5, pad: 2, groups: 1, stride: 1, dilation: [1, 1] },
  { kernel: 3, pad: 1, groups: 2, stride: 2, dilation: [1, 1] },
  { kernel: 3, pad: 2, groups: 1, stride: 1, dilation: [2, 2] },
  { kernel: 3, pad: 2, groups: 4, stride: 2, dilation: [2, 1] },
  { kernel: 3, pad: 1, groups: 16, stride: 1, dilation: [1, 1] },
  { kernel: 5, pad: 2, groups: 16, stride: 2, dilation: [1, 1] },
] as const)(
  "convolutions and their gradients are right without oneDNN: %j",
  ({ kernel: side, pad, groups, stride, dilation }) => {
    const geometry = { ...squareConv({ stride, pad, groups }), dilation };
    const x = randomTensor([2, 6, 6, 16], 1) as Tensor4D;
    const kernel = randomTensor([side, side, 16 / groups, groups === 16 ? 16 : 24], 2) as Tensor4D;
    expectSameConvolution(x, kernel, geometry);
  },
);
