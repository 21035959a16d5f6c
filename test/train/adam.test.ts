import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { parameter } from "../../src/models/parameter.js";
import { tf } from "../../src/tensor/tf.js";
import { createAdam } from "../../src/train/adam.js";
import { learningRateAt } from "../../src/train/learning-rate.js";
import { relativeDifference } from "../reference/compare.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

test("Adam follows its formula in float64, weight decay in the gradient, epsilon after the bias correction", () => {
  const start = [0.5, -1, 2, 0];
  const gradientAt = (step: number): number[] =>
    start.map((_, at) => Math.sin(step + at) * 10 ** -at);
  const options = { learningRate: 0.01, weightDecay: 0.1 };
  const weights = parameter("w", "weight", tf.tensor1d(start));
  const adam = createAdam([weights]);
  const [w, m, v] = [[...start], [0, 0, 0, 0], [0, 0, 0, 0]] as [number[], number[], number[]];
  for (let step = 1; step <= 20; step++) {
    weights.gradient = tf.tensor1d(gradientAt(step));
    adam.step(options);
    gradientAt(step).forEach((raw, at) => {
      const g = raw + options.weightDecay * (w[at] as number);
      m[at] = 0.9 * (m[at] as number) + 0.1 * g;
      v[at] = 0.999 * (v[at] as number) + 0.001 * g * g;
      const [mHat, vHat] = [
        (m[at] as number) / (1 - 0.9 ** step),
        (v[at] as number) / (1 - 0.999 ** step),
      ];
      w[at] = (w[at] as number) - (options.learningRate * mHat) / (Math.sqrt(vHat) + 1e-8);
    });
  }
  expect(relativeDifference(weights.value.dataSync(), w)).toBeLessThan(1e-6);
  adam.dispose();
  weights.value.dispose();
});

test("a parameter without a gradient is left alone", () => {
  const weights = parameter("w", "weight", tf.tensor1d([1]));
  const adam = createAdam([weights]);
  adam.step({ learningRate: 1, weightDecay: 1 });
  expect([...weights.value.dataSync()]).toEqual([1]);
  adam.dispose();
});

test("the learning rate drops to a tenth in the epochs that are named", () => {
  const rates = [1, 79, 80, 129, 130].map((epoch) => learningRateAt(epoch, 0.01, [80, 130]));
  expect(rates).toEqual([0.01, 0.01, 0.001, 0.001, 0.0001]);
  expect(learningRateAt(500, 0.01, [])).toBe(0.01);
});
