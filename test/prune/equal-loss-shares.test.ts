import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalLossShares, type LossCurve } from "../../src/prune/plan/equal-loss-shares.js";

/** Flat parts of curves rise by a millionth, and the loss is found by bisection. */
const DIGITS = 4;

const linear = (channels: number, slope: number): LossCurve => ({
  channels,
  points: [0.25, 0.5, 1].map((share) => ({ share, increase: slope * share })),
});

describe("shares of equal loss", () => {
  test("halve the share of a layer that costs twice as much", () => {
    const [one, other] = equalLossShares([linear(8, 1), linear(8, 2)], 0.45);
    expect(one).toBeCloseTo(0.6, DIGITS);
    expect(other).toBeCloseTo(0.3, DIGITS);
  });

  test("take all that costs nothing first", () => {
    const free: LossCurve = { channels: 4, points: [{ share: 0.5, increase: 0 }] };
    const [one, other] = equalLossShares([free, linear(4, 1)], 0.25);
    expect(one).toBeGreaterThan(0.49);
    expect(other).toBeLessThan(0.01);
  });

  test("ignore that a greater share happened to cost less", () => {
    const points = [
      { share: 0.25, increase: 1 },
      { share: 0.5, increase: 0.2 },
    ];
    const [dented] = equalLossShares([{ channels: 8, points }, linear(8, 4)], 0.25);
    expect(dented).toBeLessThan(0.5);
  });

  test("cover everything at percent 1 and nothing at 0", () => {
    const curves = [linear(8, 1), linear(8, 2)];
    expect(equalLossShares(curves, 1)).toEqual([1, 1]);
    for (const share of equalLossShares(curves, 0)) expect(share).toBeLessThan(1e-9);
  });

  test("lose the percent of all channels, and no layer less for a greater one", () => {
    const curve = fc.record({
      channels: fc.integer({ min: 1, max: 64 }),
      points: fc
        .array(fc.double({ min: -1, max: 10, noNaN: true }), { minLength: 1, maxLength: 5 })
        .map((increases) =>
          increases.map((increase, index) => ({
            share: (index + 1) / (increases.length + 1),
            increase,
          })),
        ),
    });
    const percent = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(curve, { minLength: 1, maxLength: 6 }),
        percent,
        percent,
        (curves, a, b) => {
          const total = curves.reduce((sum, { channels }) => sum + channels, 0);
          const [few, many] = [Math.min(a, b), Math.max(a, b)].map((own) =>
            equalLossShares(curves, own),
          );
          const lost = (shares: readonly number[] = []): number =>
            shares.reduce((sum, share, at) => sum + share * (curves[at]?.channels ?? 0), 0) / total;
          expect(lost(few)).toBeCloseTo(Math.min(a, b), DIGITS - 1);
          expect(lost(many)).toBeCloseTo(Math.max(a, b), DIGITS - 1);
          for (const [at, share] of (few ?? []).entries())
            expect(share).toBeLessThanOrEqual((many?.[at] ?? Number.NaN) + 1e-9);
        },
      ),
    );
  });
});
