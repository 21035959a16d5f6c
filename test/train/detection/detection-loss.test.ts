import { describe, expect, test } from "vitest";
import { randomUnit } from "../../../src/base/random.js";
import { overlap } from "../../../src/boxes/box.js";
import { type BoxLayout, boxPlaces } from "../../../src/boxes/box-layout.js";
import { assignObjects } from "../../../src/train/losses/detection/assign-objects.js";
import { detectionLossOf } from "../../../src/train/losses/detection/detection-loss.js";
import { generalizedOverlap } from "../../../src/train/losses/detection/generalized-overlap.js";

const box = (left: number, top: number, width: number, height: number) => ({
  ...{ left, top, width, height },
});

describe("generalizedOverlap", () => {
  test("is the overlap of nested boxes, and negative for distant ones", () => {
    expect(generalizedOverlap(box(0, 0, 4, 4), box(0, 0, 4, 4)).value).toBe(1);
    expect(generalizedOverlap(box(1, 1, 2, 2), box(0, 0, 4, 4)).value).toBeCloseTo(0.25, 12);
    // Two unit squares with a gap of 2: union 2, enclosing 4.
    expect(generalizedOverlap(box(0, 0, 1, 1), box(3, 0, 1, 1)).value).toBeCloseTo(-0.5, 12);
  });

  test("has the gradient of its finite differences", () => {
    const step = 1e-6;
    for (let draw = 0; draw < 50; draw++) {
      const unit = (what: number) => randomUnit(1, draw, what);
      const sides = [1 + 9 * unit(0), 1 + 9 * unit(1)] as const;
      const [x, y] = [10 * unit(2), 10 * unit(3)];
      const truth = box(10 * unit(4), 10 * unit(5), 1 + 9 * unit(6), 1 + 9 * unit(7));
      const at = (cx: number, cy: number, w: number, h: number) =>
        generalizedOverlap(box(cx - w / 2, cy - h / 2, w, h), truth);
      const [w, h] = sides;
      const difference = (change: (by: number) => number) =>
        (change(step) - change(-step)) / (2 * step);
      const { byX, byY, byWidth, byHeight } = at(x, y, w, h);
      expect(byX).toBeCloseTo(
        difference((by) => at(x + by, y, w, h).value),
        5,
      );
      expect(byY).toBeCloseTo(
        difference((by) => at(x, y + by, w, h).value),
        5,
      );
      expect(byWidth).toBeCloseTo(
        difference((by) => at(x, y, w + by, h).value),
        5,
      );
      expect(byHeight).toBeCloseTo(
        difference((by) => at(x, y, w, h + by).value),
        5,
      );
    }
  });
});

const LAYOUT: BoxLayout = {
  levels: [
    { height: 4, width: 4, stride: 8, start: 0 },
    { height: 2, width: 2, stride: 16, start: 16 * 8 },
  ],
  classes: 3,
  size: 20 * 8,
};

const randomOutputs = (images: number): Float32Array =>
  Float32Array.from({ length: images * LAYOUT.size }, (_, at) => 2 * randomUnit(3, at) - 1);

const OBJECTS = [
  [
    { ...box(2, 3, 12, 10), label: 1 },
    { ...box(16, 12, 14, 18), label: 0 },
  ],
  [{ ...box(8, 8, 9, 9), label: 2 }],
  [],
];

describe("assignObjects", () => {
  test("gives every object a place in or near it, and no place two objects", () => {
    const values = randomOutputs(1);
    const assigned = assignObjects(values, LAYOUT, OBJECTS[0] ?? []);
    expect(new Set(assigned.map(({ object }) => object.label))).toEqual(new Set([0, 1]));
    expect(new Set(assigned.map(({ place }) => place)).size).toBe(assigned.length);
    for (const { place, object, box: described, overlap: shared } of assigned) {
      const radius = 2.5 * place.level.stride;
      expect(Math.abs(place.x - object.left - object.width / 2)).toBeLessThan(radius);
      expect(shared).toBeCloseTo(overlap(described, object), 12);
    }
  });

  test("gives an object the place whose box fits and whose class is right", () => {
    const values = new Float32Array(LAYOUT.size);
    const place = boxPlaces(LAYOUT)[5] as NonNullable<ReturnType<typeof boxPlaces>[number]>;
    const object = { ...box(place.x - 4, place.y - 4, 8, 8), label: 2 };
    // Everywhere boxes of a quarter of a stride; at this place, one of 8x8 and the class 2.
    for (const { at, step } of boxPlaces(LAYOUT))
      for (const channel of [2, 3]) values[at + channel * step] = Math.log(0.25);
    values[place.at + 2 * place.step] = 0;
    values[place.at + 3 * place.step] = 0;
    values[place.at + 7 * place.step] = 5;
    const assigned = assignObjects(values, LAYOUT, [object]);
    expect(assigned[0]?.place).toBe(place);
    expect(assigned[0]?.overlap).toBeCloseTo(1, 6);
  });

  test("does not assign crowds", () => {
    const crowd = { ...box(2, 3, 12, 10), label: 1, isCrowd: true };
    expect(assignObjects(randomOutputs(1), LAYOUT, [crowd])).toEqual([]);
  });
});

describe("detectionLossOf", () => {
  test("has the gradient of its finite differences, while the assignment and its targets stay the same", () => {
    const outputs = randomOutputs(3);
    const { gradient } = detectionLossOf(outputs, LAYOUT, OBJECTS);
    const assigned = OBJECTS.map((objects, image) =>
      assignObjects(outputs.subarray(image * LAYOUT.size), LAYOUT, objects),
    );
    const targets = new Set(
      assigned.flatMap((each, image) =>
        each.flatMap(({ place: { at, step }, object }) => [
          // The class of the object has the overlap as its target, which boxes change.
          image * LAYOUT.size + at + (5 + object.label) * step,
          ...[0, 1, 2, 3].map((channel) => image * LAYOUT.size + at + channel * step),
        ]),
      ),
    );
    const step = 1e-3;
    const changed = (at: number, by: number): number => {
      const copy = outputs.slice();
      copy[at] = (copy[at] as number) + by;
      return detectionLossOf(copy, LAYOUT, OBJECTS).loss;
    };
    let checked = 0;
    for (let at = 0; at < outputs.length; at++) {
      if (targets.has(at)) continue;
      // float32 outputs: the difference has about five digits.
      const difference = (changed(at, step) - changed(at, -step)) / (2 * step);
      if (Math.abs(difference - (gradient[at] as number)) < 2e-3) checked++;
    }
    // A few changes move an assignment, where the loss jumps.
    expect(checked).toBeGreaterThan(0.97 * (outputs.length - targets.size));
  });

  test("moves a box toward its object", () => {
    const object = { ...box(2, 2, 16, 16), label: 0 };
    let values = new Float32Array(LAYOUT.size);
    const shared = () =>
      Math.max(...assignObjects(values, LAYOUT, [object]).map((each) => each.overlap));
    expect(shared()).toBeLessThan(0.7);
    for (let rate = 0.1; rate > 1e-4; rate *= 0.98) {
      const { gradient } = detectionLossOf(values, LAYOUT, [[object]]);
      values = values.map((value, at) => value - rate * (gradient[at] as number));
    }
    expect(shared()).toBeGreaterThan(0.95);
  });

  test("of images without objects is the mean cross-entropy of the objectness", () => {
    const { loss } = detectionLossOf(new Float32Array(LAYOUT.size), LAYOUT, [[]]);
    expect(loss).toBeCloseTo(20 * Math.log(2), 6);
  });

  test.each(["isCrowd", "isDifficult"])("ignores places in boxes that are %s", (mark) => {
    const crowd = { ...box(0, 0, 32, 32), label: 0, [mark]: true };
    const { loss, gradient } = detectionLossOf(randomOutputs(1), LAYOUT, [[crowd]]);
    expect(loss).toBe(0);
    expect(gradient.every((value) => value === 0)).toBe(true);
  });
});
