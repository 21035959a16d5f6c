import { describe, expect, test } from "vitest";
import { drawAugmentation, NO_AUGMENTATION } from "../../../src/data/batches/augmentation.js";
import { prepareImage } from "../../../src/data/batches/prepare-image.js";
import { CIFAR } from "../../../src/data/cifar/cifar.js";
import { normalizationTable } from "../../../src/data/normalization-table.js";

const SIZE = { height: 2, width: 3 };
/** Red is the position (1 to 6), green is 10 times and blue 20 times as much. */
const PIXELS = Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((v) => [v, 10 * v, 20 * v]));
/** Every byte stays itself. */
const PLAIN = Float32Array.from({ length: 768 }, (_, place) => place % 256);

const prepared = (augmentation = NO_AUGMENTATION, table: Float32Array = PLAIN): Float32Array => {
  const out = new Float32Array(18).fill(-1);
  prepareImage(PIXELS, SIZE, table, augmentation, out);
  return out;
};

const reds = (augmentation: typeof NO_AUGMENTATION): number[] =>
  [...prepared(augmentation)].filter((_, place) => place % 3 === 0);

describe("preparing an image", () => {
  test("without augmentation every pixel keeps its position and its channels", () => {
    expect([...prepared()]).toEqual([...PIXELS]);
  });

  test("a shift adds black at the border", () => {
    expect(reds({ rowShift: 1, columnShift: 0, isMirrored: false })).toEqual([4, 5, 6, 0, 0, 0]);
    expect(reds({ rowShift: -1, columnShift: 0, isMirrored: false })).toEqual([0, 0, 0, 1, 2, 3]);
    expect(reds({ rowShift: 0, columnShift: 2, isMirrored: false })).toEqual([3, 0, 0, 6, 0, 0]);
    expect(reds({ rowShift: 0, columnShift: -2, isMirrored: false })).toEqual([0, 0, 1, 0, 0, 4]);
    expect(reds({ rowShift: 2, columnShift: 0, isMirrored: false })).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("mirroring comes after the crop", () => {
    expect(reds({ rowShift: 0, columnShift: 0, isMirrored: true })).toEqual([3, 2, 1, 6, 5, 4]);
    expect(reds({ rowShift: 1, columnShift: 1, isMirrored: true })).toEqual([0, 6, 5, 0, 0, 0]);
  });

  test("the pad is black before it is normalized: (0 - mean) / std", () => {
    const { info } = CIFAR.cifar10;
    const out = prepared(
      { rowShift: 2, columnShift: 0, isMirrored: false },
      normalizationTable(info),
    );
    for (const channel of [0, 1, 2]) {
      const mean = info.mean[channel] ?? Number.NaN;
      const std = info.std[channel] ?? Number.NaN;
      // Two float32 roundings, of the mean and of the quotient, of about 2^-24 each.
      expect(out[channel]).toBeCloseTo(-mean / std, 6);
    }
  });
});

describe("the normalization table", () => {
  test("contains exactly the values that PyTorch's ToTensor and Normalize compute", () => {
    const table = normalizationTable(CIFAR.cifar10.info);
    const f = Math.fround;
    CIFAR.cifar10.info.mean.forEach((mean, channel) => {
      const std = CIFAR.cifar10.info.std[channel] ?? Number.NaN;
      for (const value of [0, 1, 127, 255]) {
        const expected = f(f(f(value / 255) - f(mean)) / f(std));
        expect(table[channel * 256 + value]).toBe(expected);
      }
    });
  });
});

describe("drawing an augmentation", () => {
  const asked = { cropPadding: 4, mirror: true };
  const draws = Array.from({ length: 8100 }, (_, sample) => drawAugmentation(asked, 1, 1, sample));

  test("the same keys give the same draw, other seeds, epochs and samples others", () => {
    expect(drawAugmentation(asked, 3, 2, 5)).toEqual(drawAugmentation(asked, 3, 2, 5));
    const first = (seed: number, epoch: number, from: number) =>
      JSON.stringify(
        Array.from({ length: 20 }, (_, i) => drawAugmentation(asked, seed, epoch, from + i)),
      );
    expect(new Set([first(1, 1, 0), first(2, 1, 0), first(1, 2, 0), first(1, 1, 20)]).size).toBe(4);
  });

  test("every crop of the padded image is about equally likely", () => {
    const counts = new Map<string, number>();
    for (const { rowShift, columnShift } of draws) {
      const key = `${rowShift},${columnShift}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(81);
    expect(Math.min(...draws.map(({ rowShift }) => rowShift))).toBe(-4);
    expect(Math.max(...draws.map(({ columnShift }) => columnShift))).toBe(4);
    // 100 are expected of each; five standard deviations are 50.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(50);
  });

  test("half of the images are mirrored, and none if the data set forbids it", () => {
    const mirrored = draws.filter(({ isMirrored }) => isMirrored).length;
    // Five standard deviations of 8100 throws of a coin.
    expect(Math.abs(mirrored - 4050)).toBeLessThan(225);
    const none = { cropPadding: 0, mirror: false };
    for (let sample = 0; sample < 50; sample++) {
      expect(drawAugmentation(none, 1, 1, sample)).toEqual({
        rowShift: 0,
        columnShift: 0,
        isMirrored: false,
      });
    }
  });
});
