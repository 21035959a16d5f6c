import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { softCrossEntropy } from "../../src/tensor/ops/soft-cross-entropy.js";
import { type Tensor2D, type Tensor4D, tf } from "../../src/tensor/tf.js";
import { attentionDistance } from "../../src/train/losses/attention-distance.js";
import { crossEntropy } from "../../src/train/losses/cross-entropy.js";
import { distillationLoss } from "../../src/train/losses/distillation.js";
import type { Loss } from "../../src/train/losses/loss.js";
import { softTargetLoss } from "../../src/train/losses/soft-targets.js";
import { randomTensor } from "../random-tensor.js";
import { expectClose } from "../tensor/close-tensors.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const CLASSES = 5;
const LABELS = Int32Array.of(0, 3, 4);
const BATCH = { images: new Float32Array(3), labels: LABELS, count: 3 };
const LOGITS = Array.from({ length: 3 * CLASSES }, (_, at) => 2 * Math.sin(3 * at));

const compute = (loss: Loss, logits: readonly number[] = LOGITS) => {
  const images = tf.zeros([3, 1, 1, 1]) as Tensor4D;
  const input = tf.tensor2d([...logits], [3, CLASSES]);
  const result = loss({ logits: input, images, batch: BATCH, watched: [] });
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

describe("distillation", () => {
  const TAUGHT = Array.from({ length: 3 * CLASSES }, (_, at) => 3 * Math.cos(2 * at));
  const distilled = (temperature: number, weight: number): Loss =>
    distillationLoss(crossEntropy, {
      teach: () => ({ logits: tf.tensor2d(TAUGHT, [3, CLASSES]), watched: [] }),
      temperature,
      weight,
      hintWeight: 1,
    });

  /** Rows of log(softmax(logits / temperature)) in float64. */
  const logSoftmax = (logits: readonly number[], temperature: number): number[] =>
    [0, 1, 2].flatMap((row) => {
      const own = logits.slice(row * CLASSES, (row + 1) * CLASSES).map((x) => x / temperature);
      const sum = Math.log(own.reduce((total, each) => total + Math.exp(each), 0));
      return own.map((each) => each - sum);
    });

  const formula = (temperature: number, weight: number, logits: readonly number[]): number => {
    const [p, q] = [logSoftmax(logits, temperature), logSoftmax(TAUGHT, temperature)];
    const divergence = q.reduce(
      (sum, each, at) => sum + Math.exp(each) * (each - (p[at] as number)),
      0,
    );
    return (1 - weight) * smoothed(0, logits) + (weight * temperature ** 2 * divergence) / 3;
  };

  test.each([
    [1, 0.5],
    [4, 0.9],
    [2, 1],
    [4, 0],
  ])(
    "at temperature %f and weight %f equals its formula, with its gradient",
    (temperature, weight) => {
      const { loss, gradient } = compute(distilled(temperature, weight));
      expect(loss).toBeCloseTo(formula(temperature, weight, LOGITS), 4);
      gradient.forEach((each, at) => {
        const moved = (by: number) =>
          formula(
            temperature,
            weight,
            LOGITS.map((value, index) => (index === at ? value + by : value)),
          );
        expect(each).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 4);
      });
    },
  );

  test("of a teacher with the same outputs leaves only the labels, and leaks no tensor", () => {
    const before = tf.memory().numTensors;
    const own = distillationLoss(crossEntropy, {
      teach: () => ({ logits: tf.tensor2d(LOGITS, [3, CLASSES]), watched: [] }),
      temperature: 4,
      weight: 1,
      hintWeight: 1,
    });
    const { loss, gradient } = compute(own);
    expect(Math.abs(loss)).toBeLessThan(1e-5);
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-6);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("adds the distances of watched values, with their gradients, and leaks no tensor", () => {
    const before = tf.memory().numTensors;
    const own = [randomTensor([3, 2, 2, 4], 5), randomTensor([3, 4, 4, 2], 6)];
    const teach = () => ({
      logits: tf.tensor2d(LOGITS, [3, CLASSES]),
      watched: [randomTensor([3, 2, 2, 7], 7), randomTensor([3, 4, 4, 1], 8)],
    });
    const hinted = distillationLoss(crossEntropy, {
      teach,
      temperature: 4,
      weight: 1,
      hintWeight: 0.5,
    });
    const images = tf.zeros([3, 1, 1, 1]) as Tensor4D;
    const logits = tf.tensor2d([...LOGITS], [3, CLASSES]);
    const { loss, dLogits, dWatched = [] } = hinted({ logits, images, batch: BATCH, watched: own });
    const taught = teach();
    const distances = own.map((value, index) =>
      attentionDistance(value as Tensor4D, taught.watched[index] as Tensor4D),
    );
    const sum = distances.reduce((total, each) => total + (each.loss.dataSync()[0] as number), 0);
    expect(loss.dataSync()[0]).toBeCloseTo(0.5 * sum, 5);
    for (const [index, { dx }] of distances.entries())
      tf.tidy(() => expectClose(dWatched[index] as tf.Tensor, tf.mul(dx, 0.5), 1e-6));
    tf.dispose([images, logits, loss, dLogits, ...dWatched, ...own]);
    tf.dispose([
      taught.logits,
      ...taught.watched,
      ...distances.flatMap((each) => [each.loss, each.dx]),
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("the distance of attention", () => {
  const SHAPE: [number, number, number, number] = [2, 3, 2, 3];

  test("equals its formula in float64, with the gradient of central differences", () => {
    const x = [...randomTensor(SHAPE, 1).dataSync()];
    const taught = [...randomTensor([2, 3, 2, 5], 2).dataSync()];
    /** A(x) / |A(x)| per image, of maps of 6 positions. */
    const maps = (values: readonly number[], channels: number): number[][] =>
      [0, 1].map((image) => {
        const sums = Array.from({ length: 6 }, (_, position) => {
          const start = (image * 6 + position) * channels;
          return values.slice(start, start + channels).reduce((sum, v) => sum + v * v, 0);
        });
        const norm = Math.hypot(...sums);
        return sums.map((sum) => sum / norm);
      });
    const formula = (values: readonly number[]): number => {
      const [p, q] = [maps(values, 3), maps(taught, 5)];
      return (
        p
          .flatMap((own, n) => own.map((v, at) => (v - (q[n]?.[at] as number)) ** 2))
          .reduce((sum, v) => sum + v, 0) / 2
      );
    };
    const { loss, dx } = attentionDistance(
      tf.tensor4d(x, SHAPE),
      tf.tensor4d(taught, [2, 3, 2, 5]),
    );
    expect(loss.dataSync()[0]).toBeCloseTo(formula(x), 5);
    for (const [index, gradient] of dx.dataSync().entries()) {
      const moved = (by: number) => formula(x.map((v, at) => (at === index ? v + by : v)));
      expect(gradient).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
    }
  });

  test("is 0 for maps that differ by a factor, and finite for maps of zeros", () => {
    const x = randomTensor(SHAPE, 3) as Tensor4D;
    expect(attentionDistance(x, tf.mul(x, -3)).loss.dataSync()[0]).toBeCloseTo(0, 6);
    const { loss, dx } = attentionDistance(tf.zerosLike(x), x);
    expect(loss.dataSync()[0]).toBeCloseTo(1, 5);
    expect(Math.max(...dx.dataSync())).toBeCloseTo(0, 6);
  });
});
