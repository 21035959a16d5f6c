import { describe, expect, test } from "vitest";
import { IDENTITY, resampleAffine } from "../../../src/data/augmentation/affine.js";
import {
  autoContrast,
  changeBrightness,
  changeContrast,
  changeSaturation,
  changeSharpness,
  equalize,
  posterize,
  solarize,
} from "../../../src/data/augmentation/color.js";
import {
  RAND_AUGMENT_OPERATIONS,
  randAugment,
} from "../../../src/data/augmentation/rand-augment.js";

const SIZE = { height: 6, width: 8 };
const PIXELS = Float32Array.from({ length: 6 * 8 * 3 }, (_, at) => (at * 37) % 256);

/** Gray pixels of these values. */
const gray = (...values: number[]): Float32Array =>
  Float32Array.from(values.flatMap((value) => [value, value, value]));
const reds = (pixels: Float32Array): number[] =>
  [...pixels].filter((_, at) => at % 3 === 0).map((value) => Math.round(100 * value) / 100);

describe("operations on colors", () => {
  test("leave the image as it is at a factor of 1", () => {
    for (const change of [changeBrightness, changeSaturation, changeContrast])
      expect(change(PIXELS, 1)).toEqual(PIXELS);
    const sharp = changeSharpness(PIXELS, SIZE, 1);
    sharp.forEach((value, at) => {
      expect(value).toBeCloseTo(PIXELS[at] as number, 3);
    });
  });

  test("brightness multiplies and stops at white", () => {
    expect(reds(changeBrightness(gray(10, 200), 1.5))).toEqual([15, 255]);
  });

  test("color of 0 is gray, weighted as the eye sees it", () => {
    const [r, g, b] = changeSaturation(Float32Array.of(100, 200, 50), 0);
    expect([r, g, b].map((value) => Math.round(10 * (value as number)))).toEqual([
      1530, 1530, 1530,
    ]);
  });

  test("contrast of 0 is the mean brightness", () => {
    expect(reds(changeContrast(gray(0, 100, 200), 0))).toEqual([100, 100, 100]);
    expect(reds(changeContrast(gray(0, 100, 200), 0.5))).toEqual([50, 100, 150]);
  });

  test("sharpness of 0 smooths all but the border", () => {
    const pixels = gray(0, 0, 0, 0, 130, 0, 0, 0, 0);
    expect(reds(changeSharpness(pixels, { height: 3, width: 3 }, 0))).toEqual([
      0, 0, 0, 0, 50, 0, 0, 0, 0,
    ]);
  });

  test("posterize keeps the highest bits, solarize inverts from the threshold on", () => {
    expect(reds(posterize(gray(0, 15, 16, 255), 4))).toEqual([0, 0, 16, 240]);
    expect(reds(solarize(gray(0, 99, 100, 255), 100))).toEqual([0, 99, 155, 0]);
  });

  test("auto contrast stretches each channel; one of a single value stays", () => {
    expect(reds(autoContrast(gray(50, 100, 150)))).toEqual([0, 127.5, 255]);
    expect(reds(autoContrast(gray(50, 50)))).toEqual([50, 50]);
  });

  test("equalize spreads values as Pillow does", () => {
    // 512 pixels of two values, 256 each: step 256 / 255 = 1; 0 becomes 0, 10 becomes 255 (256 clamped).
    const pixels = gray(...Array.from({ length: 512 }, (_, at) => (at % 2) * 10));
    expect(new Set(reds(equalize(pixels)))).toEqual(new Set([0, 255]));
    expect(reds(equalize(gray(7, 7, 7)))).toEqual([7, 7, 7]);
  });
});

describe("operations on geometry", () => {
  const row = gray(1, 2, 3, 4, 5);
  const LINE = { height: 1, width: 5 };

  test("shifts show black from outside, half pixels the mean of two", () => {
    expect(reds(resampleAffine(row, LINE, IDENTITY))).toEqual([1, 2, 3, 4, 5]);
    expect(reds(resampleAffine(row, LINE, { ...IDENTITY, x0: 2 }))).toEqual([3, 4, 5, 0, 0]);
    expect(reds(resampleAffine(row, LINE, { ...IDENTITY, x0: 0.5 }))).toEqual([
      1.5, 2.5, 3.5, 4.5, 2.5,
    ]);
  });

  test("a turn by 90 degrees around the center", () => {
    const square = gray(1, 2, 3, 4);
    const turned = resampleAffine(
      square,
      { height: 2, width: 2 },
      {
        ...{ xx: 0, xy: 1, x0: 0, yx: -1, yy: 0, y0: 0 },
      },
    );
    expect(reds(turned)).toEqual([3, 1, 4, 2]);
  });
});

describe.each(Object.entries(RAND_AUGMENT_OPERATIONS))("%s", (name, operation) => {
  test("keeps values from 0 to 255 and does not write to its input", () => {
    const input = PIXELS.slice();
    for (const sign of [1, -1]) {
      const out = operation(input, { size: SIZE, strength: 1, sign });
      expect(out).toHaveLength(PIXELS.length);
      expect(out.every((value) => value >= 0 && value <= 255)).toBe(true);
    }
    expect(input).toEqual(PIXELS);
  });

  test.skipIf(["autoContrast", "equalize", "posterize"].includes(name))(
    "changes nothing at a strength of 0",
    () => {
      const out = operation(PIXELS, { size: SIZE, strength: 0, sign: 1 });
      out.forEach((value, at) => {
        expect(value).toBeCloseTo(PIXELS[at] as number, 3);
      });
    },
  );
});

describe("RandAugment", () => {
  const augment = (sample: number, operations = 2) =>
    randAugment(PIXELS, SIZE, { operations, strength: 15 }, 1, 1, sample);

  test("gives the same image for the same keys, and others for others", () => {
    expect(augment(3)).toEqual(augment(3));
    const different = Array.from({ length: 50 }, (_, sample) => augment(sample).join());
    expect(new Set(different).size).toBeGreaterThan(35);
  });
});
