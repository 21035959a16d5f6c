import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { parameter } from "../../src/models/parameter.js";
import { tf } from "../../src/tensor/tf.js";
import { createAdam } from "../../src/train/optimizers/adam.js";
import {
  createOptimizer,
  type OptimizerChoice,
} from "../../src/train/optimizers/create-optimizer.js";
import { relativeDifference } from "../reference/compare.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

/** One value of a parameter with its slots, in float64. */
interface Cell {
  w: number;
  m: number;
  v: number;
}

const OPTIONS = { learningRate: 0.01, weightDecay: 0.1 };

const adamStep = (cell: Cell, g: number, step: number): void => {
  cell.m = 0.9 * cell.m + 0.1 * g;
  cell.v = 0.999 * cell.v + 0.001 * g * g;
  const [mHat, vHat] = [cell.m / (1 - 0.9 ** step), cell.v / (1 - 0.999 ** step)];
  cell.w -= (OPTIONS.learningRate * mHat) / (Math.sqrt(vHat) + 1e-8);
};

/** What each kind computes, as in the doc comments of its op. */
const FORMULAS: Record<OptimizerChoice["kind"], (cell: Cell, g: number, step: number) => void> = {
  adam: (cell, g, step) => adamStep(cell, g + OPTIONS.weightDecay * cell.w, step),
  adamw: (cell, g, step) => {
    cell.w *= 1 - OPTIONS.learningRate * OPTIONS.weightDecay;
    adamStep(cell, g, step);
  },
  sgd: (cell, raw) => {
    const g = raw + OPTIONS.weightDecay * cell.w;
    cell.m = 0.9 * cell.m + g;
    cell.w -= OPTIONS.learningRate * (g + 0.9 * cell.m);
  },
};

const START = [0.5, -1, 2, 0];
const gradientAt = (step: number): number[] =>
  START.map((_, at) => Math.sin(step + at) * 10 ** -at);

describe.each(["adam", "adamw", "sgd"] as const)("%s", (kind) => {
  test("follows its formula in float64, with weight decay", () => {
    const weights = parameter("w", "weight", tf.tensor1d(START));
    const optimizer = createOptimizer({ kind, momentum: 0.9 }, [weights]);
    const cells = START.map((w): Cell => ({ w, m: 0, v: 0 }));
    for (let step = 1; step <= 20; step++) {
      weights.gradient = tf.tensor1d(gradientAt(step));
      optimizer.step(OPTIONS);
      gradientAt(step).forEach((g, at) => {
        FORMULAS[kind](cells[at] as Cell, g, step);
      });
    }
    const expected = cells.map(({ w }) => w);
    expect(relativeDifference(weights.value.dataSync(), expected)).toBeLessThan(1e-6);
    optimizer.dispose();
    weights.value.dispose();
  });

  test("continues a saved state exactly, and leaks no tensor", () => {
    const before = tf.memory().numTensors;
    const run = (steps: readonly number[], isSaved: boolean): number[] => {
      const weights = parameter("w", "weight", tf.tensor1d(START));
      let optimizer = createOptimizer({ kind, momentum: 0.9 }, [weights]);
      for (const step of steps) {
        weights.gradient = tf.tensor1d(gradientAt(step));
        optimizer.step(OPTIONS);
        if (isSaved) {
          optimizer = createOptimizer({ kind, momentum: 0.9 }, [weights], optimizer.state());
        }
      }
      const values = [...weights.value.dataSync()];
      optimizer.dispose();
      weights.value.dispose();
      return values;
    };
    expect(run([1, 2, 3], true)).toEqual(run([1, 2, 3], false));
    expect(tf.memory().numTensors).toBe(before);
  });

  test("does not decay what is left out", () => {
    const [decayed, kept] = [true, false].map((isDecayed) =>
      parameter("w", "weight", tf.tensor1d([1]), { isDecayed }),
    ) as [ReturnType<typeof parameter>, ReturnType<typeof parameter>];
    for (const each of [decayed, kept]) each.gradient = tf.tensor1d([0]);
    const optimizer = createOptimizer({ kind, momentum: 0 }, [decayed, kept]);
    optimizer.step(OPTIONS);
    expect(decayed.value.dataSync()[0]).toBeLessThan(1);
    expect(kept.value.dataSync()[0]).toBe(1);
    optimizer.dispose();
    tf.dispose([decayed.value, kept.value]);
  });
});

test("two steps of SGD with Nesterov momentum on a gradient of 1 take 1.9 and 2.71 times the rate", () => {
  const weights = parameter("w", "weight", tf.tensor1d([0]));
  const sgd = createOptimizer({ kind: "sgd", momentum: 0.9 }, [weights]);
  const steps = [1, 2].map(() => {
    weights.gradient = tf.tensor1d([1]);
    const before = weights.value.dataSync()[0] as number;
    sgd.step({ learningRate: 1, weightDecay: 0 });
    return before - (weights.value.dataSync()[0] as number);
  });
  // g + mu (mu 0 + g) = 1 + 0.9; momentum 1.9: 1 + 0.9 1.9.
  expect(steps[0]).toBeCloseTo(1.9, 6);
  expect(steps[1]).toBeCloseTo(2.71, 6);
  sgd.dispose();
  weights.value.dispose();
});

test("SGD starts with no momentum from the state of Adam, which is freed", () => {
  const before = tf.memory().numTensors;
  const weights = parameter("w", "weight", tf.tensor1d([1]));
  const adam = createAdam([weights]);
  weights.gradient = tf.tensor1d([1]);
  adam.step(OPTIONS);
  const sgd = createOptimizer({ kind: "sgd", momentum: 0.9 }, [weights], adam.state());
  expect(sgd.state()).toMatchObject({ kind: "sgd", step: 0 });
  expect(
    sgd
      .state()
      .slots.flat()
      .map((slot) => slot.dataSync()[0]),
  ).toEqual([0]);
  sgd.dispose();
  weights.value.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test("a parameter without a gradient is left alone", () => {
  const weights = parameter("w", "weight", tf.tensor1d([1]));
  const adam = createAdam([weights]);
  adam.step({ learningRate: 1, weightDecay: 1 });
  expect([...weights.value.dataSync()]).toEqual([1]);
  adam.dispose();
});
