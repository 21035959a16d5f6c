import { describe, expect, test } from "vitest";
import { createSchedule, type ScheduleChoice } from "../../src/train/schedules/create-schedule.js";
import { learningRateAt } from "../../src/train/schedules/learning-rate.js";

const LENGTH = { epochs: 10, stepsPerEpoch: 20 };

/** The rates of all 200 steps. */
const rates = (choice: Partial<ScheduleChoice>): number[] => {
  const schedule = createSchedule(
    { kind: "constant", learningRate: 1, lrDropEpochs: [], warmUpEpochs: 0, ...choice },
    LENGTH,
  );
  return Array.from({ length: 200 }, (_, step) =>
    schedule({ epoch: 1 + Math.floor(step / 20), stepOfEpoch: step % 20 }),
  );
};

test("the learning rate drops to a tenth in the epochs that are named", () => {
  const dropped = [1, 79, 80, 129, 130].map((epoch) => learningRateAt(epoch, 0.01, [80, 130]));
  expect(dropped).toEqual([0.01, 0.01, 0.001, 0.001, 0.0001]);
  expect(learningRateAt(500, 0.01, [])).toBe(0.01);
});

test("steps keep their rate within an epoch", () => {
  const steps = rates({ kind: "steps", learningRate: 0.01, lrDropEpochs: [6] });
  expect(new Set(steps.slice(0, 100))).toEqual(new Set([0.01]));
  expect(new Set(steps.slice(100))).toEqual(new Set([0.001]));
});

describe("a cosine", () => {
  test("is half a period over all steps", () => {
    const cosine = rates({ kind: "cosine", learningRate: 0.4 });
    expect(cosine[0]).toBe(0.4);
    expect(cosine[50]).toBeCloseTo(0.2 * (1 + Math.SQRT1_2), 12);
    expect(cosine[100]).toBeCloseTo(0.2, 12);
    expect(cosine[199]).toBeCloseTo(0.2 * (1 - Math.cos(Math.PI / 200)), 12);
    expect(cosine).toEqual([...cosine].sort((a, b) => b - a));
  });

  test("starts after the warm-up, which rises linearly in every step", () => {
    const cosine = rates({ kind: "cosine", warmUpEpochs: 2.5 });
    expect(cosine.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, step) => (step + 1) / 50));
    expect(cosine[50]).toBe(1);
    expect(cosine[125]).toBeCloseTo(0.5, 12);
  });
});

describe("one cycle", () => {
  test("has the corner values of PyTorch's OneCycleLR", () => {
    const cycle = rates({ kind: "one-cycle", learningRate: 0.5 });
    expect(cycle[0]).toBeCloseTo(0.02, 12);
    expect(cycle[59]).toBeCloseTo(0.5, 12);
    expect(Math.max(...cycle)).toBe(cycle[59]);
    expect(cycle[199]).toBeCloseTo(0.5 / 25 / 1e4, 12);
    // Halfway down: step 59 + 70.
    expect(cycle[129]).toBeCloseTo((0.5 + 2e-6) / 2, 12);
  });

  test("rises as long as the warm-up asks for", () => {
    const cycle = rates({ kind: "one-cycle", warmUpEpochs: 1 });
    expect(Math.max(...cycle)).toBe(cycle[19]);
    expect(cycle[0]).toBeCloseTo(0.04, 12);
  });
});

test("a warm-up scales the rates of steps and constant", () => {
  const steps = rates({ kind: "steps", lrDropEpochs: [2], warmUpEpochs: 2 });
  expect(steps[0]).toBe(1 / 40);
  expect(steps[20]).toBeCloseTo((0.1 * 21) / 40, 12);
  expect(steps[39]).toBeCloseTo(0.1, 12);
  const constant = rates({ warmUpEpochs: 0.1 });
  expect(constant.slice(0, 3)).toEqual([0.5, 1, 1]);
});
