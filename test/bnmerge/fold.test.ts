import fc from "fast-check";
import { expect, test } from "vitest";
import { fold, foldAffine, foldBinary, foldThreshold } from "../../src/bnmerge/fold.js";

const channel = { gamma: 2, beta: 1, mean: 3, deviation: 4 };

test("exact folding, folding before a sign and the thresholds yield the worked examples", () => {
  expect(fold(channel, 5)).toEqual({ factor: 0.5, bias: 2 });
  expect(foldBinary({ ...channel, gamma: -2 }, 5)).toEqual({ factor: -1, bias: -0 });
  expect(foldBinary({ ...channel, gamma: 0 }, 5)).toEqual({ factor: 0, bias: 1 });
  expect(foldThreshold(channel)).toEqual({ scale: 1, threshold: 1 });
  expect(foldThreshold({ ...channel, gamma: 0 })).toEqual({ scale: 0, threshold: -1 });
  expect(foldAffine(channel)).toEqual({ scale: 0.5, threshold: 0.5 });
});

const value = fc.double({ min: -4, max: 4, noNaN: true });
const channels = fc.record({
  gamma: fc.oneof(fc.constant(0), value),
  beta: value,
  mean: value,
  deviation: fc.double({ min: 0.01, max: 4, noNaN: true }),
});

/** Inputs closer to a boundary than this, relative to the operands, may fall on either side. */
const BOUNDARY = 1e-5;

test("folding keeps the code for every gamma, except at a boundary", () => {
  fc.assert(
    fc.property(channels, value, value, (norm, bias, sum) => {
      const { gamma, beta, mean, deviation } = norm;
      const before = (gamma * (sum + bias - mean)) / deviation + beta;
      const folded = foldBinary(norm, bias);
      const after = folded.factor * sum + folded.bias;
      const scale = Math.abs(sum) + Math.abs(bias) + Math.abs(mean);
      const distance = gamma === 0 ? Math.abs(beta) : Math.abs((before * deviation) / gamma);
      if (distance > BOUNDARY * scale) expect(Math.sign(after)).toBe(Math.sign(before));
      const { scale: direction, threshold } = foldThreshold(norm);
      const x = sum + bias;
      if (distance > BOUNDARY * scale)
        expect(Math.sign(direction * x - threshold)).toBe(Math.sign(before));
    }),
    { numRuns: 2000 },
  );
});

test("exact folding equals the norm", () => {
  fc.assert(
    fc.property(channels, value, value, (norm, bias, sum) => {
      const { gamma, beta, mean, deviation } = norm;
      const before = (gamma * (sum + bias - mean)) / deviation + beta;
      const plain = fold(norm, bias);
      expect(plain.factor * sum + plain.bias).toBeCloseTo(before, 8);
      const affine = foldAffine(norm);
      expect(affine.scale * (sum + bias) - affine.threshold).toBeCloseTo(before, 8);
    }),
    { numRuns: 500 },
  );
});
