import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { affineGrid, affineValue } from "../../../src/quant/numbers/affine-grid.js";
import { affineKernel } from "../../../src/quant/numbers/affine-kernel.js";
import { kernelValues } from "../../../src/quant/numbers/grid-kernel.js";
import { quantizeWeights } from "../../../src/quant/tensors/quantize-weights.js";
import { activate, activateGradient } from "../../../src/tensor/ops/activation.js";
import { affineNumbers, fakeQuantize, rangeGradient } from "../../../src/tensor/ops/affine.js";
import { tf } from "../../../src/tensor/tf.js";
import { quantizedWeights } from "../../models/quantizations.js";
import { randomTensor } from "../../random-tensor.js";
import { recorded } from "../affine-torch.js";

const numbers = (tensor: tf.Tensor): number[] => {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  // Codes do not distinguish -0.
  return values.map((value) => value + 0);
};

describe.each(["js", "native"] as const)("on the %s engine", (engine) => {
  beforeAll(async () => {
    await loadEngine({ engine, notify: () => {} });
  });

  test.each(recorded.tensors.map((each) => [each.name, each] as const))(
    "the affine quantizer has PyTorch's values and gradients to the bit: %s",
    (_, { x, fakeQuantized }) => {
      const input = tf.tensor1d(x);
      const ones = tf.onesLike(input);
      for (const { bits, scale, zero, y, dx } of fakeQuantized) {
        const activation = {
          kind: "affine",
          levels: 2 ** bits - 1,
          scale: Math.fround(scale),
          zero,
        } as const;
        expect(numbers(activate(input, activation))).toEqual(y.map((value) => value + 0));
        expect(numbers(activateGradient(ones, input, activation))).toEqual(dx);
        const plain = x.map((value) => affineValue(value, activation, bits) + 0);
        expect(plain).toEqual(y.map((value) => value + 0));
      }
      tf.dispose([input, ones]);
    },
  );

  test("symmetric weights per filter are PyTorch's with the narrow range", () => {
    for (const { shape, w, scale, y } of recorded.kernels) {
      const quantizer = { kind: "affine", bits: 8, isPerChannel: true, isSymmetric: true } as const;
      const kernel = affineKernel(Float32Array.from(w), shape[0] as number, quantizer);
      expect([...kernel.scale]).toEqual(scale);
      expect([...kernelValues(kernel)]).toEqual(y.map((value) => value + 0));
    }
  });

  test.each(
    quantizedWeights.flatMap((weights) =>
      weights.kind === "affine" ? [[JSON.stringify(weights), weights] as const] : [],
    ),
  )("weights in plain numbers are the engine's to the bit: %s", (_, weights) => {
    const [kh, kw, inputs, outputs] = [3, 3, 4, 6];
    // The first filter is all zeros.
    const filters = tf.tensor1d([0, ...new Array<number>(outputs - 1).fill(1)]);
    const latent = tf.mul(randomTensor([kh, kw, inputs, outputs], 3, 0.2), filters);
    const oihw = tf.transpose(latent, [3, 2, 0, 1]);
    const quantized = quantizeWeights(latent, weights, null);
    const engineValues = numbers(tf.transpose(quantized, [3, 2, 0, 1]));
    const plain = affineKernel(Float32Array.from(oihw.dataSync()), outputs, weights);
    expect([...kernelValues(plain)]).toEqual(engineValues);
    tf.dispose([latent, oihw, quantized]);
  });

  test("a range becomes the same grid on plain numbers and by the engine", () => {
    for (const isSymmetric of [true, false])
      for (const bits of [2, 4, 8])
        for (const [low, high] of [
          [-1, 2],
          [0, 3],
          [0.5, 3],
          [-3, -1],
          [0, 0],
          [-0.3, 0.1],
        ] as const) {
          const scheme = { levels: 2 ** bits - 1, isSymmetric };
          const ends = [tf.scalar(low), tf.scalar(high)] as const;
          const grid = affineNumbers(...ends, scheme);
          const { scale, zero } = affineGrid({ low, high }, { bits, isSymmetric });
          expect([numbers(grid.scale), numbers(grid.zero)]).toEqual([[scale], [zero]]);
          tf.dispose([...ends]);
        }
  });

  test("the gradient of a trained range is that of central differences of the unrounded quantizer", () => {
    // Straight through the rounding, codes do not change; then the output inside is linear in both ends.
    const [bits, levels] = [4, 15];
    const [low, high] = [-0.75, 1.5];
    const x = randomTensor([200], 9, 1);
    const dy = randomTensor([200], 10, 1);
    const ends = [tf.scalar(low), tf.scalar(high)] as const;
    const grid = affineNumbers(...ends, { levels, isSymmetric: false });
    const [dLow, dHigh] = numbers(rangeGradient(dy, x, grid, levels));
    const { scale, zero } = affineGrid({ low, high }, { bits, isSymmetric: false });
    let [wantedLow, wantedHigh] = [0, 0];
    const [xs, dys] = [x.dataSync(), dy.dataSync()];
    for (const [at, value] of xs.entries()) {
      const code = Math.round(value / scale) + zero;
      const error = (Math.round(value / scale) - value / scale) / levels;
      const own = dys[at] as number;
      wantedLow += own * (code < 0 ? 1 : code > levels ? 0 : -error);
      wantedHigh += own * (code > levels ? 1 : code < 0 ? 0 : error);
    }
    // Sums of 200 float32 numbers.
    expect(dLow).toBeCloseTo(wantedLow, 3);
    expect(dHigh).toBeCloseTo(wantedHigh, 3);
    tf.dispose([x, dy, ...ends, grid.scale, grid.zero]);
  });

  test("fake quantization frees everything that it makes", () => {
    const x = randomTensor([10], 1, 1);
    const grid = { scale: tf.scalar(0.1), zero: tf.scalar(5) };
    const before = tf.memory().numTensors;
    fakeQuantize(x, grid, 15).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, grid.scale, grid.zero]);
  });
});
