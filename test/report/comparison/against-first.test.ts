import { describe, expect, test } from "vitest";
import { againstFirst } from "../../../src/report/comparison/against-first.js";
import {
  chanceText,
  pointsText,
  ratioText,
} from "../../../src/report/comparison/against-first-text.js";
import type { ComparedNet } from "../../../src/report/comparison/comparison.js";
import { mcnemarP } from "../../../src/report/comparison/mcnemar.js";
import { madeUpComparison } from "./made-up-comparison.js";

describe("McNemar's exact test", () => {
  test.for([
    [0, 0, 1],
    [0, 5, 0.0625],
    [6, 0, 0.03125],
    // 2 (1 + 10 + 45) / 2^10
    [2, 8, 0.109375],
    [7, 7, 1],
  ] as const)("of %i and %i images", ([one, other, p]) => {
    // Sums of up to eight terms, each from a logarithm.
    expect(mcnemarP(one, other)).toBeCloseTo(p, 12);
    expect(mcnemarP(other, one)).toBe(mcnemarP(one, other));
  });

  test("approaches its normal approximation if many images changed", () => {
    // 1.96 standard deviations, with the continuity correction: 0.05.
    const [few, many] = [5000 - 98.5, 5000 + 98.5].map(Math.round) as [number, number];
    expect(mcnemarP(few, many)).toBeCloseTo(0.05, 2);
  });
});

describe("a net compared with the first one", () => {
  const [first, second] = madeUpComparison().nets as [ComparedNet, ComparedNet];

  test("has its gains and losses", () => {
    const { accuracy, packedRatio, macsRatio } = againstFirst(first, second);
    expect(accuracy).toMatchObject({ becameRight: 10, becameWrong: 14, isWithinChance: true });
    expect(accuracy?.points).toBeCloseTo(-1, 9);
    expect(packedRatio).toBe(2);
    expect(macsRatio).toBe(1);
  });

  test("is described in words", () => {
    expect([-1.234, 0.001, 2.5].map(pointsText)).toEqual([
      "−1.23 points",
      "0.00 points",
      "+2.50 points",
    ]);
    expect([14.92, 1.0001, 0.5, 1234].map(ratioText)).toEqual([
      "14.9 times smaller",
      "the same",
      "2 times larger",
      "1230 times smaller",
    ]);
    const accuracy = { points: 1, becameRight: 9, becameWrong: 0, pValue: 0.004 };
    const text = (isWithinChance: boolean) => chanceText({ ...accuracy, isWithinChance }, 180);
    expect(text(true)).toBe("not significant on 180 test images");
    expect(text(false)).toBe("significant on 180 test images");
  });
});
