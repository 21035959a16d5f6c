import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { activationOf } from "../../../src/quant/activations/activation-of.js";
import {
  binaryWeightsGradient,
  quantizeBinaryWeights,
} from "../../../src/quant/tensors/binary-weights.js";
import { constrainWeights } from "../../../src/quant/tensors/constrain-weights.js";
import { weightsGradient } from "../../../src/quant/tensors/quantize-weights.js";
import {
  quantizeTernaryWeights,
  ternaryAlpha,
  ternaryCodes,
  ternaryThreshold,
} from "../../../src/quant/tensors/ternary-weights.js";
import { activate, activateGradient } from "../../../src/tensor/ops/activation.js";
import { tf } from "../../../src/tensor/tf.js";
import { relativeDifference } from "../../reference/compare.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

/** A kernel [kh, kw, inputs, filters] with some weights exactly 0. */
const kernels = fc
  .record({
    side: fc.constantFrom(1, 3),
    inputs: fc.integer({ min: 1, max: 4 }),
    filters: fc.integer({ min: 1, max: 4 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ side, inputs, filters, seed }) => {
    const values = Float32Array.from({ length: side * side * inputs * filters }, (_, at) =>
      (seed * 31 + at * 17) % 11 === 0
        ? 0
        : 1.6 * Math.sin(seed + at * 12.9898) * Math.cos(seed * 0.7 + at),
    );
    return tf.tensor4d(values, [side, side, inputs, filters]);
  });

/** The weights of each filter. */
const filtersOf = (w: tf.Tensor): number[][] => {
  const filters = w.shape[3] as number;
  const values = Array.from(w.dataSync());
  return Array.from({ length: filters }, (_, filter) =>
    values.filter((_, at) => at % filters === filter),
  );
};

const magnitudes = (values: readonly number[]): number[] => [
  ...new Set(values.map(Math.abs).filter((value) => value > 0)),
];

const reversedFilters = (w: tf.Tensor): tf.Tensor => tf.reverse(w, 3);

describe.each([
  ["binary", (w: tf.Tensor) => quantizeBinaryWeights(w, true)],
  ["ternary", (w: tf.Tensor) => quantizeTernaryWeights(w, true)],
] as const)("%s weights with alpha", (_, quantize) => {
  test("have one magnitude in each filter, and the sign of the latent weight", () => {
    fc.assert(
      fc.property(kernels, (w) => {
        const latent = filtersOf(w);
        filtersOf(quantize(w)).forEach((filter, at) => {
          expect(magnitudes(filter).length).toBeLessThanOrEqual(1);
          filter.forEach((value, index) => {
            if (value !== 0)
              expect(Math.sign(value)).toBe(Math.sign(latent[at]?.[index] as number));
          });
        });
      }),
    );
  });

  test("scale exactly with a power of two", () => {
    fc.assert(
      fc.property(kernels, fc.integer({ min: -6, max: 6 }), (w, power) => {
        const scaled = quantize(tf.mul(w, 2 ** power)).dataSync();
        expect(Array.from(scaled)).toEqual(Array.from(tf.mul(quantize(w), 2 ** power).dataSync()));
      }),
    );
  });

  test("permute with their filters", () => {
    fc.assert(
      fc.property(kernels, (w) => {
        const [a, b] = [quantize(reversedFilters(w)), reversedFilters(quantize(w))];
        expect(Array.from(a.dataSync())).toEqual(Array.from(b.dataSync()));
      }),
    );
  });
});

test("binary weights are 0 exactly if the latent weight is, and alpha is the filter's mean magnitude", () => {
  fc.assert(
    fc.property(kernels, (w) => {
      const latent = filtersOf(w);
      filtersOf(quantizeBinaryWeights(w, true)).forEach((filter, at) => {
        const weights = latent[at] as number[];
        const alpha = weights.reduce((sum, value) => sum + Math.abs(value), 0) / weights.length;
        filter.forEach((value, index) => {
          expect(value === 0).toBe(weights[index] === 0 || alpha === 0);
          if (value !== 0) expect(Math.abs(value)).toBeCloseTo(alpha, 5);
        });
      });
    }),
  );
});

test("the rescaled binary gradient equals its closed form", () => {
  fc.assert(
    fc.property(kernels, fc.integer({ min: 0, max: 99 }), (w, seed) => {
      const dq = tf.tensor(
        Float32Array.from({ length: w.size }, (_, at) => Math.cos(seed + at)),
        w.shape,
      );
      const inputs = w.shape[2] as number;
      const gradients = filtersOf(binaryWeightsGradient(dq, w));
      filtersOf(w).forEach((weights, filter) => {
        const g = filtersOf(dq)[filter] as number[];
        const n = weights.length;
        const alpha = weights.reduce((sum, value) => sum + Math.abs(value), 0) / n;
        const through =
          weights.reduce((sum, value, at) => sum + Math.sign(value) * (g[at] as number), 0) / n;
        const expected = weights.map(
          (value, at) =>
            ((Math.abs(value) <= 1 ? (g[at] as number) * alpha : 0) + Math.sign(value) * through) *
            (1 - 1 / inputs) *
            n,
        );
        const difference = Math.max(
          ...expected.map((value, at) => Math.abs(value - (gradients[filter]?.[at] as number))),
        );
        expect(difference).toBeLessThan(1e-4 * Math.max(1, n));
      });
    }),
  );
});

test("ternary gradients pass straight through, and so do those of weights in a gap", () => {
  const dq = tf.tensor4d([1, -2, 3, 4], [1, 1, 2, 2]);
  for (const gapRatio of [null, 0.8]) {
    const passed = weightsGradient(dq, tf.ones([1, 1, 2, 2]), {
      kind: "ternary",
      hasAlpha: true,
      gapRatio,
    });
    expect(Array.from(passed.dataSync())).toEqual([1, -2, 3, 4]);
  }
});

test("a gap never changes a weight outside its band, and inside keeps the last code", () => {
  fc.assert(
    fc.property(
      kernels,
      fc.double({ min: 0.1, max: 0.95, noNaN: true }),
      fc.integer({ min: 0, max: 99 }),
      (w, ratio, seed) => {
        const previous = tf.tensor(
          Float32Array.from({ length: w.size }, (_, at) => ((seed + at) % 3) - 1),
          w.shape,
        );
        const plain = filtersOf(ternaryCodes(w));
        const thresholds = ternaryThreshold(w).dataSync();
        filtersOf(ternaryCodes(w, { ratio, lastCodes: previous })).forEach((codes, filter) => {
          const threshold = thresholds[filter] as number;
          codes.forEach((code, at) => {
            const magnitude = Math.abs(filtersOf(w)[filter]?.[at] as number);
            const isInside =
              magnitude >= Math.fround(Math.fround(ratio) * threshold) && magnitude < threshold;
            const expected = isInside ? filtersOf(previous)[filter]?.[at] : plain[filter]?.[at];
            expect(code).toBe(expected);
          });
        });
      },
    ),
    { numRuns: 50 },
  );
});

test("ternary weights are 0 where the reference scripts give NaN: in a filter of zeros or of one input channel", () => {
  const zeroFilter = tf.tensor4d([0, 0.5, 0, -0.5], [1, 1, 2, 2]);
  const q = quantizeTernaryWeights(zeroFilter, true);
  expect(filtersOf(q)).toEqual([
    [0, 0],
    [0.5, -0.5],
  ]);
  const depthwise = constrainWeights(tf.tensor4d([0.3, -0.7], [1, 1, 1, 2]));
  expect(Array.from(quantizeTernaryWeights(depthwise, true).dataSync())).toEqual([0, 0]);
  expect(Array.from(ternaryAlpha(depthwise).dataSync())).toEqual([0, 0]);
});

test("a weight equal to the threshold becomes alpha without entering the mean", () => {
  // mean|w| = 10 and the threshold 7, of which float32 makes 0.7 * 10 exactly 7.
  const w = tf.tensor4d([7, -7, 13, 13], [1, 1, 4, 1]);
  expect(ternaryThreshold(w).dataSync()[0]).toBe(7);
  expect(Array.from(quantizeTernaryWeights(w, true).dataSync())).toEqual([13, -13, 13, 13]);
});

test("the constraint subtracts the mean over the input channels and clamps", () => {
  fc.assert(
    fc.property(kernels, (w) => {
      const centred = tf.sub(w, tf.mean(w, 2, true)).dataSync();
      const clamped = Array.from(centred, (value) => Math.min(1, Math.max(-1, value)));
      expect(relativeDifference(constrainWeights(w).dataSync(), clamped)).toBeLessThan(1e-6);
    }),
  );
});

describe("binary and ternary activations", () => {
  const x = () => tf.tensor1d([-2, -1, -0.6, -0.5, -0.1, 0, 0.1, 0.5, 0.6, 1, 2]);
  const values = (activation: Parameters<typeof activationOf>[0]): number[] =>
    Array.from(activate(x(), activationOf(activation)).dataSync());
  const slopes = (straightThrough: "identity" | "saturate" | "soft"): number[] =>
    Array.from(
      activateGradient(
        tf.onesLike(x()),
        x(),
        activationOf({ kind: "ternary", straightThrough }),
      ).dataSync(),
    );

  test("take their values, with sign(0) = 0 and the ternary band closed at 0.5", () => {
    const straightThrough = "saturate";
    expect(values({ kind: "binary", values: "sign", straightThrough })).toEqual([
      -1, -1, -1, -1, -1, 0, 1, 1, 1, 1, 1,
    ]);
    expect(values({ kind: "binary", values: "zero-one", straightThrough })).toEqual([
      0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1,
    ]);
    expect(values({ kind: "ternary", straightThrough })).toEqual([
      -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1,
    ]);
  });

  test("pass gradients according to their straight-through estimator", () => {
    expect(slopes("identity")).toEqual(Array(11).fill(1));
    expect(slopes("saturate")).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    const soft = [0, 0, 0.4, 0.5, 0.9, 1, 0.9, 0.5, 0.4, 0, 0];
    expect(relativeDifference(slopes("soft"), soft)).toBeLessThan(1e-6);
  });
});
