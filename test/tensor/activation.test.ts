import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { type Activation, activate, activateGradient } from "../../src/tensor/ops/activation.js";
import { tf } from "../../src/tensor/tf.js";

interface PytorchCase {
  readonly activation: Activation;
  readonly y: readonly number[];
  readonly dx: readonly number[];
}

const { x: inputs, cases } = JSON.parse(
  readFileSync(new URL("pytorch-activations.json", import.meta.url), "utf8"),
) as { readonly x: readonly number[]; readonly cases: readonly PytorchCase[] };

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

/** Values near 0 are compared absolutely. */
const expectAll = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) {
    // Some operations of float32; where x is 100, 1 - sigmoid(x) is a difference of nearly equal numbers.
    const gap = Math.abs((actual[at] as number) - value) / Math.max(1, Math.abs(value));
    expect(gap, `at x = ${inputs[at]}`).toBeLessThan(4e-7);
  }
};

test.each(cases)("$activation has PyTorch's values and gradients, kinks included", (each) => {
  const x = tf.tensor1d([...inputs]);
  const y = activate(x, each.activation);
  const dx = activateGradient(tf.onesLike(x), x, each.activation);
  expectAll(y.dataSync(), each.y);
  expectAll(dx.dataSync(), each.dx);
});

test.each([{ kind: "unit", levels: 15 } as const, { kind: "unitSign" } as const])(
  "a ReLU6 within $kind has the values and gradients of both, one after the other",
  (quantizer) => {
    const x = tf.tensor1d([...inputs, -6, -0, 0, 1, 3, 5.999, 6, 6.001, 12]);
    const numbers = { ...quantizer, scale: 0.3 };
    const both: Activation = { ...numbers, afterRelu: true, limit: 6 };
    const after: Activation = { ...numbers, afterRelu: false };
    const relu6: Activation = { kind: "relu6" };
    const middle = activate(x, relu6);
    const dMiddle = activateGradient(tf.onesLike(x), middle, after);
    // Without the sign of zeros.
    const numbersOf = (tensor: tf.Tensor): number[] => [...tf.add(tensor, 0).dataSync()];
    expect(numbersOf(activate(x, both))).toEqual(numbersOf(activate(middle, after)));
    expect(numbersOf(activateGradient(tf.onesLike(x), x, both))).toEqual(
      numbersOf(activateGradient(dMiddle, x, relu6)),
    );
  },
);

/** Activations in double precision. */
const functions: [Activation, (x: number) => number][] = [
  [{ kind: "sigmoid" }, (x) => 1 / (1 + Math.exp(-x))],
  [{ kind: "silu" }, (x) => x / (1 + Math.exp(-x))],
  [{ kind: "hardSigmoid" }, (x) => Math.min(Math.max(x + 3, 0), 6) / 6],
  [{ kind: "hardSwish" }, (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6],
  [{ kind: "relu6" }, (x) => Math.min(Math.max(x, 0), 6)],
  [{ kind: "leakyRelu", slope: 0.25 }, (x) => (x > 0 ? x : 0.25 * x)],
];

test.each(functions)(
  "%j has the gradient of its finite differences in double precision",
  (activation, f) => {
    const points = Array.from({ length: 160 }, (_, at) => -7.9 + 0.1 * at + 0.03);
    const x = tf.tensor1d(points);
    const dx = activateGradient(tf.onesLike(x), x, activation).dataSync();
    const step = 1e-5;
    for (const [at, point] of points.entries()) {
      const slope = (f(point + step) - f(point - step)) / (2 * step);
      expect(dx[at]).toBeCloseTo(slope, 5);
    }
  },
);

test("NaN stays NaN, so that a diverged net shows in the loss", () => {
  for (const { activation } of cases) {
    const [y] = activate(tf.tensor1d([Number.NaN]), activation).dataSync();
    expect(y, activation.kind).toBeNaN();
  }
});
