import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { softCrossEntropy } from "../../src/tensor/ops/soft-cross-entropy.js";
import { type Tensor2D, type Tensor4D, tf } from "../../src/tensor/tf.js";
import { crossEntropy } from "../../src/train/losses/cross-entropy.js";
import type { Loss } from "../../src/train/losses/loss.js";
import { softTargetLoss } from "../../src/train/losses/soft-targets.js";
import { randomTensor } from "../random-tensor.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const CLASSES = 5;
const LABELS = Int32Array.of(0, 3, 4);
const BATCH = { images: new Float32Array(3), labels: LABELS, count: 3 };
const LOGITS = Array.from({ length: 3 * CLASSES }, (_, at) => 2 * Math.sin(3 * at));

const compute = (loss: Loss, logits: readonly number[] = LOGITS) => {
  const images = tf.zeros([3, 1, 1, 1]) as Tensor4D;
  const input = tf.tensor2d([...logits], [3, CLASSES]);
  const result = loss({ logits: input, images, batch: BATCH });
  const numbers = {
    loss: result.loss.dataSync()[0] as number,
    gradient: [...result.dLogits.dataSync()],
  };
  tf.dispose([images, input, result.loss, result.dLogits]);
  return numbers;
};

/** Cross-entropy against smoothed labels in float64. */
const smoothed = (smoothing: number, logits: readonly number[]): number => {
  const rows = [0, 1, 2].map((row) => {
    const own = logits.slice(row * CLASSES, (row + 1) * CLASSES);
    const sum = Math.log(own.reduce((total, each) => total + Math.exp(each), 0));
    return own.reduce((total, each, at) => {
      const isLabel = at === LABELS[row] ? 1 : 0;
      return total - ((1 - smoothing) * isLabel + smoothing / CLASSES) * (each - sum);
    }, 0);
  });
  return rows.reduce((total, each) => total + each, 0) / 3;
};

describe.each([0, 0.1, 0.5])("cross-entropy with label smoothing %f", (smoothing) => {
  const loss = smoothing === 0 ? crossEntropy : softTargetLoss(smoothing);

  test("equals its formula in float64", () => {
    expect(compute(loss).loss).toBeCloseTo(smoothed(smoothing, LOGITS), 5);
  });

  test("has the gradient of its formula", () => {
    const { gradient } = compute(loss);
    gradient.forEach((each, at) => {
      const moved = (by: number) =>
        smoothed(
          smoothing,
          LOGITS.map((value, index) => (index === at ? value + by : value)),
        );
      expect(each).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
    });
  });
});

test("label smoothing of 0 is the cross-entropy against labels", () => {
  const [soft, hard] = [compute(softTargetLoss(0)), compute(crossEntropy)];
  expect(soft.loss).toBeCloseTo(hard.loss, 6);
  soft.gradient.forEach((each, at) => {
    expect(each).toBeCloseTo(hard.gradient[at] as number, 6);
  });
});

test("losses leak no tensor, and large logits stay finite", () => {
  const before = tf.memory().numTensors;
  for (const loss of [crossEntropy, softTargetLoss(0.1)]) {
    const { loss: value, gradient } = compute(
      loss,
      LOGITS.map((each) => 1000 * each),
    );
    expect([value, ...gradient].every(Number.isFinite)).toBe(true);
  }
  expect(tf.memory().numTensors).toBe(before);
});

test("soft cross-entropy has the gradient (p - t) / n", () => {
  const logits = randomTensor([4, 6], 1) as Tensor2D;
  const targets = tf.softmax(randomTensor([4, 6], 2)) as Tensor2D;
  const { dLogits } = softCrossEntropy(logits, targets);
  const expected = tf.div(tf.sub(tf.softmax(logits), targets), 4);
  const apart = tf.max(tf.abs(tf.sub(dLogits, expected))).dataSync()[0];
  expect(apart).toBeLessThan(1e-7);
});
