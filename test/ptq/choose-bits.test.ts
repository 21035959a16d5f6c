import fc from "fast-check";
import { expect, test } from "vitest";
import { type Choice, chooseBits } from "../../src/ptq/choose-bits.js";

/** The least loss of all selections within a budget. */
const leastLoss = (layers: readonly (readonly Choice[])[], budget: number): number => {
  const [first, ...others] = layers;
  if (!first) return budget >= 0 ? 0 : Number.POSITIVE_INFINITY;
  return Math.min(...first.map(({ cost, loss }) => loss + leastLoss(others, budget - cost)));
};

const choice = fc.record({
  cost: fc.integer({ min: 1, max: 60 }),
  loss: fc.integer({ min: 0, max: 1000 }).map((loss) => loss / 7),
});
const layers = fc.array(fc.array(choice, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 6,
});

test("the chosen settings fit the budget, and no other ones that fit lose less", () => {
  fc.assert(
    fc.property(layers, fc.integer({ min: 0, max: 250 }), (all, budget) => {
      const chosen = chooseBits(all, budget);
      const wanted = leastLoss(all, budget);
      if (chosen === null) {
        expect(wanted).toBe(Number.POSITIVE_INFINITY);
        return;
      }
      const settings = chosen.map((index, layer) => all[layer]?.[index] as Choice);
      expect(settings.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(budget);
      expect(settings.reduce((sum, { loss }) => sum + loss, 0)).toBeCloseTo(wanted, 9);
    }),
    { numRuns: 500 },
  );
});

test("a net of 60 layers with 5 settings each is solved in well under a second", () => {
  const many = Array.from({ length: 60 }, (_, layer) =>
    [2, 3, 4, 6, 8].map((bits) => ({
      cost: bits * (1000 + ((layer * 7919) % 50_000)),
      loss: (1 + ((layer * 104_729) % 97)) / 4 ** bits,
    })),
  );
  const budget = many.reduce((sum, choices) => sum + (choices[2]?.cost ?? 0), 0);
  const start = performance.now();
  const chosen = chooseBits(many, budget);
  // A slow machine that also does other things takes a while.
  expect(performance.now() - start).toBeLessThan(5000);
  const uniform = many.reduce((sum, choices) => sum + (choices[2]?.loss ?? 0), 0);
  const own = (chosen ?? []).reduce(
    (sum, index, layer) => sum + (many[layer]?.[index]?.loss ?? 0),
    0,
  );
  expect(own).toBeLessThan(uniform);
});
