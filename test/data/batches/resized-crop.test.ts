import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resampleImage } from "../../../src/data/batches/resample-image.js";
import { drawResizedCrop, middleSquare } from "../../../src/data/batches/resized-crop.js";
import { normalizationTable } from "../../../src/data/normalization-table.js";

const CROP = { minArea: 0.25, maxRatio: 4 / 3 };
/** Shares are sums and products of doubles around 1. */
const ROUNDING = 1e-12;

describe("the part of an image that a resized crop shows", () => {
  const ratio = fc.double({ min: 0.05, max: 20, noNaN: true });

  test("lies within the image for any aspect ratio", () => {
    fc.assert(
      fc.property(ratio, fc.nat(), (each, sample) => {
        const { left, top, width, height } = drawResizedCrop(CROP, each, 1, 1, sample);
        expect(Math.min(left, top, width, height)).toBeGreaterThanOrEqual(-ROUNDING);
        expect(Math.max(left + width, top + height)).toBeLessThanOrEqual(1 + ROUNDING);
      }),
    );
  });

  test("has an allowed aspect ratio and, for ordinary images, at least the minimal area", () => {
    fc.assert(
      fc.property(ratio, fc.nat(), (each, sample) => {
        const { width, height } = drawResizedCrop(CROP, each, 1, 1, sample);
        const proportion = (width * each) / height;
        expect(Math.max(proportion, 1 / proportion)).toBeLessThanOrEqual(4 / 3 + ROUNDING);
        if (each > 0.5 && each < 2) expect(width * height).toBeGreaterThanOrEqual(0.25 - ROUNDING);
      }),
    );
  });

  test("depends only on seed, epoch and sample", () => {
    const draw = (seed: number, epoch: number, sample: number) =>
      JSON.stringify(drawResizedCrop(CROP, 1.5, seed, epoch, sample));
    expect(draw(1, 2, 3)).toBe(draw(1, 2, 3));
    expect(new Set([draw(1, 2, 3), draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)]).size).toBe(4);
  });

  test("is the middle square in evaluation", () => {
    expect(middleSquare(1)).toEqual({ left: 0, top: 0, width: 1, height: 1 });
    expect(middleSquare(2)).toEqual({ left: 0.25, top: 0, width: 0.5, height: 1 });
    expect(middleSquare(0.5)).toEqual({ left: 0, top: 0.25, width: 1, height: 0.5 });
  });
});

describe("stretching a part of an image", () => {
  const side = 4;
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => (at * 37) % 256);
  const plain = { mean: [0, 0, 0] as const, std: [1, 1, 1] as const };
  const table = normalizationTable(plain);
  const whole = middleSquare(1);
  const shown = (size: number, region = whole, isMirrored = false): Float32Array => {
    const out = new Float32Array(size * size * 3);
    resampleImage({ pixels, side, region, isMirrored }, { height: size, width: size }, table, out);
    return out;
  };

  test("to its own size changes nothing", () => {
    expect([...shown(side)]).toEqual([...pixels].map((byte) => Math.fround(byte / 255)));
  });

  test("mirrored reverses the rows", () => {
    const mirrored = shown(side, whole, true);
    const plainly = shown(side);
    for (let x = 0; x < side; x++) expect(mirrored[x * 3]).toBe(plainly[(side - 1 - x) * 3]);
  });

  test("to half the size takes the mean of four pixels", () => {
    const small = shown(2);
    const mean = [0, 3, 12, 15].reduce((sum, at) => sum + (pixels[at] as number) / 255 / 4, 0);
    // Float32 rounding of numbers below 1.
    expect(small[0]).toBeCloseTo(mean, 6);
  });

  test("shows only the part", () => {
    const quarter = { left: 0.5, top: 0.5, width: 0.5, height: 0.5 };
    const corner = shown(2, quarter);
    expect(corner[0]).toBe(Math.fround((pixels[(2 * side + 2) * 3] as number) / 255));
  });
});
