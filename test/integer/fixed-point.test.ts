import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dividedBy,
  doublingHighMultiply,
  fixedPoint,
  multiplyAllFixed,
  multiplyFixed,
  roundingDivide,
  roundings,
} from "../../src/integer/fixed-point.js";

const int32 = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
const multipliers = fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 });

/** gemmlowp's SaturatingRoundingDoublingHighMul with 64-bit integers; C divides towards 0. */
const highMultiply = (a: bigint, b: bigint): bigint => {
  const product = a * b;
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return (product + nudge) / (1n << 31n);
};

/** gemmlowp's RoundingDivideByPOT: a mask, a remainder and a threshold. */
const divideByPowerOfTwo = (x: bigint, exponent: bigint): bigint => {
  const mask = (1n << exponent) - 1n;
  const remainder = x & mask;
  const threshold = (mask >> 1n) + (x < 0n ? 1n : 0n);
  return (x >> exponent) + (remainder > threshold ? 1n : 0n);
};

describe("fixed-point arithmetic", () => {
  test("multiplies as gemmlowp does, with 64-bit integers", () => {
    fc.assert(
      fc.property(int32, multipliers, (a, b) => {
        expect(BigInt(doublingHighMultiply(a, b))).toBe(highMultiply(BigInt(a), BigInt(b)));
      }),
      { numRuns: 2000 },
    );
    for (const a of [0, 1, -1, 2 ** 30, -(2 ** 30), 2 ** 31 - 1, -(2 ** 31) + 1])
      for (const b of [2 ** 30, 2 ** 30 + 1, 2 ** 31 - 1])
        expect(BigInt(doublingHighMultiply(a, b))).toBe(highMultiply(BigInt(a), BigInt(b)));
  });

  test("divides by powers of two as gemmlowp does, halves away from 0", () => {
    expect([3, -3, 5, -5, 1, -1].map((x) => roundingDivide(x, 1))).toEqual([2, -2, 3, -3, 1, -1]);
    fc.assert(
      fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, exponent) => {
        expect(BigInt(roundingDivide(x, exponent))).toBe(
          divideByPowerOfTwo(BigInt(x), BigInt(exponent)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test("rounds once if asked to, as a 64-bit product shifted right", () => {
    fc.assert(
      fc.property(int32, multipliers, fc.integer({ min: -20, max: 5 }), (x, multiplier, shift) => {
        const small = shift > 0 ? Math.trunc(x / 2 ** (shift + 8)) : x;
        const total = BigInt(31 - shift);
        const wanted = (BigInt(small) * BigInt(multiplier) + (1n << (total - 1n))) >> total;
        expect(BigInt(multiplyFixed(small, { multiplier, shift }, "single"))).toBe(wanted);
      }),
      { numRuns: 2000 },
    );
  });

  test("represents real numbers to 31 bits", () => {
    expect(fixedPoint(0.5)).toEqual({ multiplier: 2 ** 30, shift: 0 });
    expect(fixedPoint(1)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    expect(fixedPoint(0)).toEqual({ multiplier: 0, shift: 0 });
    expect(fixedPoint(2 ** -40)).toEqual({ multiplier: 0, shift: 0 });
    // Rounds up to 2^31, which becomes the next power of two.
    expect(fixedPoint(1 - 2 ** -40)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e4, noNaN: true }), (real) => {
        const { multiplier, shift } = fixedPoint(real);
        const error = Math.abs(multiplier * 2 ** (shift - 31) - real);
        expect(error).toBeLessThanOrEqual(real * 2 ** -31);
      }),
    );
  });

  test("both roundings differ at most by one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 24), max: 2 ** 24 }),
        fc.double({ min: 1e-5, max: 0.9, noNaN: true }),
        (x, real) => {
          const ratio = fixedPoint(real);
          const [one, other] = [
            multiplyFixed(x, ratio, "double"),
            multiplyFixed(x, ratio, "single"),
          ];
          expect(Math.abs(one - other)).toBeLessThanOrEqual(1);
          expect(Math.abs(one - x * real)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

test("a multiplier divided by a number of summands keeps all of its bits", () => {
  // 0.5 / 4 = 2^30 * 2^(-2 - 31)
  expect(dividedBy(fixedPoint(0.5), 4)).toEqual({ multiplier: 2 ** 30, shift: -2 });
  const { multiplier, shift } = dividedBy(fixedPoint(0.5), 49);
  expect(multiplier).toBe(Math.floor((2 ** 30 * 32) / 49));
  expect(shift).toBe(-5);
});

test("many numbers are multiplied as one is, halves included", () => {
  const few = Array.from({ length: 4096 }, (_, at) => at - 2048);
  const some = fc.sample(int32, { numRuns: 4096, seed: 5 });
  for (const real of [0.5, 0.125, 2 ** -9, 0.3, 0.99999, 7e-7, 0, 1, 1.5])
    for (const rounding of roundings) {
      const by = fixedPoint(real);
      const numbers = Int32Array.from([...few, ...some], (number) =>
        real < 1 ? number : number >> 2,
      );
      const expected = numbers.map((number) => multiplyFixed(number, by, rounding));
      multiplyAllFixed(numbers, by, rounding);
      expect(numbers, `${real} ${rounding}`).toEqual(expected);
    }
});
