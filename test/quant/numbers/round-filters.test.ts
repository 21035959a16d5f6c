import fc from "fast-check";
import { expect, test } from "vitest";
import { roundFilters } from "../../../src/quant/numbers/round-filters.js";

test("rounds each filter to multiples of its own step", () => {
  const kernel = Float32Array.of(0.5, -1, 0.2, 5, -10, 2);
  expect([...roundFilters(kernel, 2, 2)]).toEqual([1, -1, 0, 10, -10, 0]);
});

test("with one bit keeps signs and the mean magnitude", () => {
  expect([...roundFilters(Float32Array.of(1, -2, 3, 0), 1, 1)]).toEqual([1.5, -1.5, 1.5, 1.5]);
});

test("leaves a filter of zeros as it is", () => {
  expect([...roundFilters(new Float32Array(3), 1, 4)]).toEqual([0, 0, 0]);
});

test("is off by at most half of a step, and has at most 2^bits - 1 values", () => {
  const weights = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(weights, fc.integer({ min: 2, max: 8 }), (values, bits) => {
      const rounded = roundFilters(Float32Array.from(values), 1, bits);
      const step = Math.max(...values.map(Math.abs)) / (2 ** (bits - 1) - 1);
      for (const [at, value] of values.entries())
        expect(Math.abs((rounded[at] as number) - value)).toBeLessThanOrEqual(step / 2 + 1e-6);
      expect(new Set(rounded.map((value) => value + 0)).size).toBeLessThanOrEqual(2 ** bits - 1);
    }),
  );
});
