import { expect, test } from "vitest";
import { type BoxLayout, boxAt, boxPlaces } from "../../src/boxes/box-layout.js";
import { findBoxes } from "../../src/boxes/find-boxes.js";
import { isFaultless } from "../../src/boxes/is-faultless.js";

// Two levels of 2x2 and 1x1 places with two classes: 4 * 7 + 7 values.
const LAYOUT: BoxLayout = {
  levels: [
    { height: 2, width: 2, stride: 8, start: 0 },
    { height: 1, width: 1, stride: 16, start: 28 },
  ],
  classes: 2,
  size: 35,
};
const IMAGE = { height: 16, width: 16 };

/** Values that find nothing except at the given indices. */
const valuesWith = (entries: Readonly<Record<number, number>>): Float32Array => {
  const values = new Float32Array(LAYOUT.size);
  // Objectness of the first level is channel 4, of the second the fifth value.
  values.fill(-20, 16, 20);
  values[32] = -20;
  for (const [index, value] of Object.entries(entries)) values[Number(index)] = value;
  return values;
};

test("places are in the middle of their cells, level by level and row by row", () => {
  expect(boxPlaces(LAYOUT).map(({ x, y, at, step }) => [x, y, at, step])).toEqual([
    [4, 4, 0, 4],
    [12, 4, 1, 4],
    [4, 12, 2, 4],
    [12, 12, 3, 4],
    [8, 8, 28, 1],
  ]);
});

test("a box has its center and the logarithms of its sides in strides", () => {
  const [, second] = boxPlaces(LAYOUT);
  // Channels 0 to 3 of the second place are at 1, 5, 9 and 13.
  const values = valuesWith({ 1: 0.25, 5: -0.5, 9: Math.log(0.5), 13: 0 });
  const box = boxAt(values, second as NonNullable<typeof second>);
  expect(box.left).toBeCloseTo(12 + 2 - 2, 5);
  expect(box.top).toBeCloseTo(4 - 4 - 4, 5);
  expect(box.width).toBeCloseTo(4, 5);
  expect(box.height).toBeCloseTo(8, 5);
});

test("the score is the probability of an object times that of the class, and boxes end at the image", () => {
  // The second level: a box of 16x16 around (8 + 8, 8), of class 1 with probability 1/2.
  const values = valuesWith({ 28: 0.5, 32: 20, 33: -20, 34: 0 });
  const found = findBoxes(values, LAYOUT, { image: IMAGE, leastScore: 0.1 });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ left: 8, top: 0, width: 8, height: 16, label: 1 });
  expect(found[0]?.score).toBeCloseTo(0.5, 6);
});

test("a place may find several classes, and values that are not finite find nothing", () => {
  const both = valuesWith({ 32: 20, 33: 1, 34: 1 });
  const found = findBoxes(both, LAYOUT, { image: IMAGE, leastScore: 0.1 });
  expect(found.map(({ label }) => label)).toEqual([0, 1]);
  const broken = new Float32Array(LAYOUT.size).fill(Number.NaN);
  expect(findBoxes(broken, LAYOUT, { image: IMAGE, leastScore: 0 })).toEqual([]);
});

test("an image is faultless if its objects are found and nothing else", () => {
  const object = { left: 0, top: 0, width: 10, height: 10, label: 3 };
  const right = { ...object, score: 0.9 };
  expect(isFaultless({ truth: [object], found: [right] })).toBe(true);
  expect(isFaultless({ truth: [object], found: [] })).toBe(false);
  expect(isFaultless({ truth: [object], found: [{ ...right, label: 2 }] })).toBe(false);
  expect(isFaultless({ truth: [object], found: [right, { ...right, left: 50 }] })).toBe(false);
  // A second box around the same object is a mistake, and boxes with low scores do not count.
  expect(isFaultless({ truth: [object], found: [right, right] })).toBe(false);
  expect(isFaultless({ truth: [object], found: [right, { ...right, score: 0.4 }] })).toBe(true);
  expect(isFaultless({ truth: [], found: [] })).toBe(true);
});
