import { expect, test } from "vitest";
import { thresholdsOf } from "../../src/runtime/kernels/thresholds.js";
import { codesOf } from "../../src/runtime/plan/code-format.js";
import type { Activation, Tail } from "../../src/runtime/plan/plan.js";
import { tailFunction } from "../../src/runtime/reference/tail.js";

const straightThrough = "saturate";
const afterRelu = false;
const CHANNELS = 6;
const SCALES = [0.5, -0.3, 0, 1e-20, -7, 0.01];
const tailOf = (activation: Activation, scales: readonly number[] = SCALES): Tail => ({
  bias: Float32Array.of(0.5, 1, -1, 0, 3, 0),
  affine: {
    center: Float32Array.of(0, 4, -4, 1, 2.5, -0.1),
    scale: Float32Array.from(scales),
    shift: Float32Array.of(0.25, -1, 0, 1e-20, 0.3, -0.2),
  },
  activation,
  shuffleGroups: 1,
});

const constant = Int32Array.of(0, 3, -3, 100, -100, 1);
const factor = Float32Array.of(1, 0.1, 2, 1, 0.07, 3);

const ACTIVATIONS: readonly Activation[] = [
  { kind: "sign", straightThrough },
  { kind: "step", straightThrough },
  { kind: "ternary", straightThrough },
  { kind: "unitSign", scale: 0.1, afterRelu },
  { kind: "unit", scale: 0.1, levels: 3, limit: 9.5, afterRelu },
  { kind: "signedUnit", scale: 0.2, levels: 1 },
];

test.each(ACTIVATIONS)("comparisons yield the codes of $kind", (activation) => {
  const tail = tailOf(activation);
  const thresholds = thresholdsOf(tail, CHANNELS, {
    constant,
    factor,
    mostSum: () => 700,
  }) as Int32Array;
  const top = codesOf(activation)?.top as number;
  expect(thresholds).toHaveLength((1 + top) * CHANNELS);
  const finish = tailFunction(tail);
  const seen = new Set<number>();
  for (let channel = 0; channel < CHANNELS; channel++)
    for (let sum = -500; sum <= 500; sum++) {
      const whole = Math.fround(sum + (constant[channel] as number));
      const code = finish(Math.fround((factor[channel] as number) * whole), channel);
      const compared = sum ^ (thresholds[channel] as number);
      const exceeded = Array.from({ length: top }, (_, at) =>
        compared > (thresholds[(1 + at) * CHANNELS + channel] as number) ? 1 : 0,
      ).reduce<number>((count, one) => count + one, 0);
      expect(exceeded, `channel ${channel}, sum ${sum}`).toBe(code);
      seen.add(code);
    }
  expect(seen.size).toBe(top + 1);
});

test("there are none for many levels, floats, and numbers that are not finite", () => {
  const sums = { constant, factor, mostSum: () => 700 };
  expect(
    thresholdsOf(tailOf({ kind: "unit", scale: 0.1, levels: 15, afterRelu }), CHANNELS, sums),
  ).toBeNull();
  expect(thresholdsOf(tailOf({ kind: "relu" }), CHANNELS, sums)).toBeNull();
  const infinite = tailOf({ kind: "sign", straightThrough }, [
    1,
    1,
    Number.POSITIVE_INFINITY,
    1,
    1,
    1,
  ]);
  expect(thresholdsOf(infinite, CHANNELS, sums)).toBeNull();
  const unknown = tailOf({ kind: "sign", straightThrough }, [1, 1, Number.NaN, 1, 1, 1]);
  expect(thresholdsOf(unknown, CHANNELS, sums)).toBeNull();
});
