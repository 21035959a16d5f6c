import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { syncedNormGradient, syncedNormTrain } from "../../../src/models/layers/synced-norm.js";
import { normActivateGradient, normActivateTrain } from "../../../src/tensor/ops/norm-activate.js";
import { type Tensor, type Tensor4D, tf } from "../../../src/tensor/tf.js";
import { runTogether } from "./simulated-workers.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const EPSILON = 1e-5;
const TAIL = { activation: { kind: "relu" }, shuffleGroups: 2 } as const;
/** Images of each worker. */
const PARTS = [3, 5] as const;
const ALL = 8;

const vector = (values: number[]) => tf.tensor1d(values);

const setUp = () => ({
  x: tf.randomNormal([ALL, 4, 4, 6], 0.5, 2, "float32", 1) as Tensor4D,
  dy: tf.randomNormal([ALL, 4, 4, 6], 0, 1, "float32", 2) as Tensor4D,
  affine: {
    gamma: vector([1, -0.5, 0.7, 2, 1.2, 0.1]),
    beta: vector([0, 0.3, -0.2, 0.1, 0, 0.5]),
  },
  running: { mean: vector([1, 2, 3, 4, 5, 6]), variance: vector([1, 1, 2, 2, 3, 3]) },
  update: { weight: 0.1, inputBias: vector([0.1, 0.2, 0.3, 0, 0, 0]) },
});

const distance = (a: Tensor, b: Tensor): number =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number);

test("synchronized norms compute the values and gradients of the whole batch", () => {
  const { x, dy, affine, running, update } = setUp();
  const whole = normActivateTrain(x, affine, running, update, EPSILON, TAIL, null);
  const saved = { x, addend: null, ...affine, mean: whole.mean, variance: whole.variance };
  const gradients = normActivateGradient(dy, saved, EPSILON, TAIL);

  const results = runTogether(2, (workers) => {
    const count = PARTS[workers.index] as number;
    const from = [workers.index === 0 ? 0 : PARTS[0], 0, 0, 0];
    const weight = count / ALL;
    const synced = { workers, batchShare: { weight } };
    const own = tf.slice(x, from, [count, -1, -1, -1]) as Tensor4D;
    // The gradient of the worker's mean loss: that of the whole mean divided by the worker's weight.
    const ownDy = tf.div(tf.slice(dy, from, [count, -1, -1, -1]), weight) as Tensor4D;
    const result = syncedNormTrain(synced)(own, affine, running, update, EPSILON, TAIL, null);
    const kept = { x: own, addend: null, ...affine, mean: result.mean, variance: result.variance };
    const { dx, dGamma, dBeta } = syncedNormGradient(synced)(ownDy, kept, EPSILON, TAIL);
    return {
      ...result,
      dx: tf.mul(dx, weight),
      dGamma: tf.mul(dGamma, weight),
      dBeta: tf.mul(dBeta, weight),
    };
  });
  const [first, second] = results as [(typeof results)[0], (typeof results)[0]];
  // Sums of 128 values around 2 round by up to 1e-5.
  expect(distance(first.mean, whole.mean)).toBeLessThan(1e-5);
  expect(distance(first.running.mean, whole.running.mean)).toBeLessThan(1e-5);
  expect(distance(second.running.variance, whole.running.variance)).toBeLessThan(1e-5);
  expect(distance(tf.concat([first.y, second.y]), whole.y)).toBeLessThan(1e-5);
  expect(distance(tf.concat([first.dx, second.dx]), gradients.dx)).toBeLessThan(1e-5);
  expect(distance(tf.add(first.dGamma, second.dGamma), gradients.dGamma)).toBeLessThan(1e-4);
  expect(distance(tf.add(first.dBeta, second.dBeta), gradients.dBeta)).toBeLessThan(1e-4);
});
