import { describe, expect, test } from "vitest";
import { randomUnit } from "../../../src/base/random.js";
import { createObserver, type ObserverKind } from "../../../src/ptq/observers/observer.js";
import { affineGrid, affineValue } from "../../../src/quant/numbers/affine-grid.js";
import { rangeOfValues } from "../../../src/quant/numbers/affine-kernel.js";
import { recorded } from "../../quant/affine-torch.js";

const observed = (
  kind: ObserverKind,
  batches: readonly Float32Array[],
  { percentile = 99, bits = 8 } = {},
) => {
  const observer = createObserver("x", { kind, percentile, bits, isSymmetric: false });
  for (const batch of batches) observer.add(rangeOfValues(batch), batch);
  return observer.range();
};

const OUTLIER = 20;

/** Values of a ReLU after a normal distribution with a few large outliers. */
const skewed = Float32Array.from({ length: 20_000 }, (_, at) => {
  const radius = Math.sqrt(-2 * Math.log(1 - randomUnit(7, at, 0)));
  const normal = radius * Math.cos(2 * Math.PI * randomUnit(7, at, 1));
  return at % 5000 === 0 ? OUTLIER : Math.max(0, normal);
});

const squaredError = (values: Float32Array, range: { low: number; high: number }): number => {
  const grid = affineGrid(range, { bits: 4, isSymmetric: false });
  return values.reduce((sum, x) => sum + (affineValue(x, grid, 4) - x) ** 2, 0);
};

describe("an observer", () => {
  test.each(recorded.tensors.map((each) => [each.name, each] as const))(
    "of the least and largest value has PyTorch's scale and zero point: %s",
    (name, { x, grid }) => {
      const own = affineGrid(observed("minmax", [Float32Array.from(x)]), {
        bits: 8,
        isSymmetric: false,
      });
      // PyTorch's least scale is its epsilon; a range without extent has any scale.
      if (name === "zeros") expect(own).toEqual({ scale: 1, zero: 0 });
      else expect(own).toEqual(grid);
    },
  );

  test.each(recorded.tensors.map((each) => [each.name, each] as const))(
    "of a moving average has PyTorch's range: %s",
    (_, { x, movingAverage }) => {
      const batches = [1, 0.5, 3].map((factor) => Float32Array.from(x, (value) => value * factor));
      const { low, high } = observed("moving-average", batches);
      // PyTorch averages in float32.
      expect(low).toBeCloseTo(movingAverage.low, 5);
      expect(high).toBeCloseTo(movingAverage.high, 5);
    },
  );

  test("of percentiles cuts off a share of the values, half of it on each side", () => {
    const values = Float32Array.from({ length: 10_000 }, (_, at) => (at - 5000) / 5000);
    const { low, high } = observed("percentile", [values], { percentile: 98 });
    // Bins are 1/2048 wide.
    expect(low).toBeCloseTo(-0.98, 2);
    expect(high).toBeCloseTo(0.98, 2);
    const positive = observed("percentile", [values.filter((x) => x > 0)], { percentile: 98 });
    expect(positive.high).toBeCloseTo(0.98, 2);
  });

  test("of the squared error cuts off what costs more than it gives, and beats the whole range", () => {
    const range = observed("mse", [skewed], { bits: 4 });
    expect(range.high).toBeLessThan(OUTLIER);
    const whole = { low: 0, high: OUTLIER };
    expect(squaredError(skewed, range)).toBeLessThan(squaredError(skewed, whole));
  });

  test("of the entropy keeps the bulk of the values and drops far outliers", () => {
    const { low, high } = observed("entropy", [skewed]);
    expect(low).toBe(0);
    expect(high).toBeGreaterThan(2);
    expect(high).toBeLessThan(OUTLIER / 2);
  });

  test("sees the same in one batch and in several, whose values grow", () => {
    const parts = [skewed.map((x) => x / 64), skewed.map((x) => x / 8), skewed];
    const whole = Float32Array.from(parts.flatMap((part) => [...part]));
    for (const kind of ["minmax", "percentile", "mse", "entropy"] as const) {
      const [one, several] = [observed(kind, [whole]), observed(kind, parts)];
      // A histogram that grew by doubling ends at up to twice the largest value, so its bins are up to twice as wide.
      expect(Math.abs(one.high - several.high)).toBeLessThan(kind === "minmax" ? 1e-9 : 2);
    }
  });

  test("refuses values that are not finite", () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const observer = createObserver("relu3", {
        kind: "minmax",
        percentile: 99,
        bits: 8,
        isSymmetric: false,
      });
      expect(() => observer.add({ low: 0, high: wrong }, new Float32Array(0))).toThrow(
        "relu3 is not finite for some calibration image.",
      );
    }
  });
});
