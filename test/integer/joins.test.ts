import { describe, expect, test } from "vitest";
import { roundings } from "../../src/integer/fixed-point.js";
import type { IntegerGrid, IntegerOutput, IntegerValue } from "../../src/integer/integer-plan.js";
import { addCodes, multiplyCodes, pairCodes } from "../../src/integer/joins.js";

const grid = (scale: number, zero: number, bits = 8): IntegerGrid => ({
  scale,
  zero,
  least: -(2 ** (bits - 1)),
  most: 2 ** (bits - 1) - 1,
});

const integerValue = (own: IntegerGrid): IntegerValue => ({ name: "x", shape: [1], grid: own });

const outputOf = (own: IntegerGrid, low = own.least, high = own.most): IntegerOutput => ({
  ...integerValue(own),
  low,
  high,
});

const CASES: readonly (readonly [IntegerGrid, IntegerGrid, IntegerOutput])[] = [
  [grid(0.02, -3), grid(0.05, 11), outputOf(grid(0.06, 4))],
  // Scales that are powers of two, with which many sums are between two codes.
  [grid(0.25, 0), grid(0.5, -128), outputOf(grid(1, 0))],
  [grid(0.125, 5), grid(0.125, 5), outputOf(grid(0.5, -128), -128, 100)],
  [grid(3, 0), grid(1e-4, 127), outputOf(grid(1e-3, -7), -7, 90)],
  [grid(0.01, 0), grid(0.01, 0), outputOf(grid(1000, 3))],
  [grid(0.3, -2, 4), grid(0.7, 1, 3), outputOf(grid(0.9, 0, 4))],
  // Scales with which results are beyond 32 bits.
  [grid(1, 0), grid(1, 0), outputOf(grid(2 ** -24, 5))],
  [grid(1, 3), grid(1, -3), outputOf(grid(2 ** -60, 0))],
];

test.each(roundings)("with %s rounding, results beyond 32 bits are limits", (rounding) => {
  const input = integerValue(grid(1, 0));
  const codes = [Int32Array.of(127, -128, 3), Int32Array.of(127, 127, 5)] as const;
  for (const scale of [2 ** -18, 2 ** -24, 2 ** -60])
    expect(multiplyCodes(codes, [input, input], outputOf(grid(scale, 0)), rounding)).toEqual(
      Int32Array.of(127, -128, 127),
    );
  const sums = addCodes(codes, [input, input], outputOf(grid(2 ** -60, 0)), rounding);
  expect(sums).toEqual(Int32Array.of(127, -128, 127));
});

describe.each(["add", "multiply"] as const)(
  "the table of %s has the code of every pair",
  (kind) => {
    test.each(roundings)("with %s rounding", (rounding) => {
      for (const [at, [one, other, output]] of CASES.entries()) {
        const table = pairCodes(kind, [one, other], output, rounding);
        const pairs = Array.from({ length: one.most - one.least + 1 }, (_, first) =>
          Array.from({ length: other.most - other.least + 1 }, (_, second) => [first, second]),
        ).flat() as [number, number][];
        const join = kind === "add" ? addCodes : multiplyCodes;
        const codes = join(
          [
            Int32Array.from(pairs, ([first]) => first + one.least),
            Int32Array.from(pairs, ([, second]) => second + other.least),
          ],
          [integerValue(one), integerValue(other)],
          output,
          rounding,
        );
        const own = Int32Array.from(
          pairs,
          ([first, second]) => (table[256 * first + second] as number) + output.grid.least,
        );
        expect(own, String(at)).toEqual(codes);
      }
    });
  },
);
