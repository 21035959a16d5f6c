import { describe, expect, test } from "vitest";
import { symmetricBeta } from "../../../src/data/augmentation/beta-draw.js";
import { drawMixShares, mixImages, mixPartner } from "../../../src/data/augmentation/mixup.js";
import { softTargets } from "../../../src/train/losses/soft-targets.js";

const DRAWS = 4000;

describe.each([0.1, 0.2, 1, 4])("Beta(%f, same)", (alpha) => {
  const draws = Array.from({ length: DRAWS }, (_, at) => symmetricBeta(alpha, 7, at));
  const mean = draws.reduce((sum, each) => sum + each, 0) / DRAWS;
  const variance = draws.reduce((sum, each) => sum + (each - mean) ** 2, 0) / DRAWS;
  const expected = 1 / (4 * (2 * alpha + 1));

  test("has its mean and variance", () => {
    // Four standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / DRAWS));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.1);
    expect(draws.every((each) => each >= 0 && each <= 1)).toBe(true);
  });
});

test("draws from Beta(1, 1) are uniform", () => {
  const draws = Array.from({ length: DRAWS }, (_, at) => symmetricBeta(1, 3, at)).sort(
    (a, b) => a - b,
  );
  const apart = draws.map((each, at) => Math.abs(each - (at + 0.5) / DRAWS));
  // Kolmogorov and Smirnov: exceeded once in a thousand samples.
  expect(Math.max(...apart)).toBeLessThan(1.95 / Math.sqrt(DRAWS));
});

describe("mixing a batch", () => {
  test("pairs images from both ends; the one in the middle stays alone", () => {
    const images = Float32Array.of(1, 10, 2, 20, 3, 30);
    mixImages(images, Float32Array.of(0.75, 0.5, 1));
    expect([...images]).toEqual([1.5, 15, 2, 20, 3, 30]);
    expect([0, 1, 2].map((place) => mixPartner(place, 3))).toEqual([2, 1, 0]);
  });

  test("gives an image's own label the larger share, by keyed draws", () => {
    const samples = Uint32Array.from({ length: 100 }, (_, at) => at);
    const shares = drawMixShares(1, 1, 5, samples);
    expect(shares.every((share) => share >= 0.5 && share <= 1)).toBe(true);
    expect(drawMixShares(1, 1, 5, samples.slice(40, 50))).toEqual(shares.slice(40, 50));
    expect(drawMixShares(1, 1, 6, samples)).not.toEqual(shares);
  });

  test("makes targets of both labels, which sum to 1", () => {
    const mixed = { labels: Int32Array.of(2, 1), shares: Float32Array.of(0.75, 0.5) };
    const batch = { labels: Int32Array.of(0, 1), count: 2, mixed };
    expect([...softTargets(batch, 3, 0)]).toEqual([0.75, 0, 0.25, 0, 1, 0]);
    const smooth = softTargets(batch, 4, 0.2);
    [0.65, 0.05, 0.25, 0.05].forEach((share, at) => {
      expect(smooth[at]).toBeCloseTo(share, 6);
    });
  });
});
