import { describe, expect, test } from "vitest";
import {
  drawCutout,
  drawErasedRectangle,
  eraseRectangle,
} from "../../../src/data/augmentation/erase.js";

const SIZE = { height: 4, width: 5 };
const samples = Array.from({ length: 2000 }, (_, sample) => sample);

describe("erasing a rectangle", () => {
  /** The pixels that are 0 afterwards, as rows of text. */
  const erased = (top: number, left: number, height: number, width: number): string[] => {
    const pixels = new Float32Array(4 * 5 * 3).fill(1);
    eraseRectangle(pixels, SIZE, { top, left, height, width });
    return [0, 1, 2, 3].map((y) =>
      [0, 1, 2, 3, 4].map((x) => (pixels[(y * 5 + x) * 3 + 2] === 0 ? "x" : ".")).join(""),
    );
  };

  test("sets its pixels to the mean", () => {
    expect(erased(1, 2, 2, 2)).toEqual([".....", "..xx.", "..xx.", "....."]);
  });

  test("ignores what lies outside the image", () => {
    expect(erased(-1, -1, 2, 2)).toEqual(["x....", ".....", ".....", "....."]);
    expect(erased(3, 4, 9, 9)).toEqual([".....", ".....", ".....", "....x"]);
    expect(erased(9, 9, 2, 2)).toEqual([".....", ".....", ".....", "....."]);
  });
});

test("cutout draws squares around every pixel", () => {
  const squares = samples.map((sample) => drawCutout(3, SIZE, 1, 1, sample));
  expect(new Set(squares.map(({ top }) => top))).toEqual(new Set([-1, 0, 1, 2]));
  expect(new Set(squares.map(({ left }) => left))).toEqual(new Set([-1, 0, 1, 2, 3]));
  expect(squares[0]).toEqual(drawCutout(3, SIZE, 1, 1, 0));
  expect(squares.map(({ top }) => top)).not.toEqual(
    samples.map((sample) => drawCutout(3, SIZE, 1, 2, sample).top),
  );
});

describe("random erasing", () => {
  const LARGE = { height: 32, width: 48 };
  const draws = samples.map((sample) => drawErasedRectangle(0.5, LARGE, 1, 1, sample));
  const found = draws.filter((draw) => draw !== undefined);

  test("erases with its probability", () => {
    // Three standard deviations of 2000 draws.
    expect(Math.abs(found.length / samples.length - 0.5)).toBeLessThan(0.034);
    expect(samples.some((sample) => drawErasedRectangle(0, LARGE, 1, 1, sample))).toBe(false);
  });

  test("draws rectangles within the image, of the areas and ratios of the paper", () => {
    for (const { top, left, height, width } of found) {
      expect(top >= 0 && top + height <= 32 && left >= 0 && left + width <= 48).toBe(true);
      // Sides are rounded to pixels.
      const [most, least] = [(height + 0.5) * (width + 0.5), (height - 0.5) * (width - 0.5)];
      expect(most).toBeGreaterThan(0.02 * 32 * 48);
      expect(least).toBeLessThan((32 * 48) / 3);
      expect((height - 0.5) / (width + 0.5)).toBeLessThan(3.3);
      expect((width - 0.5) / (height + 0.5)).toBeLessThan(3.3);
    }
  });
});
