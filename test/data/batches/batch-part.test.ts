import { describe, expect, test } from "vitest";
import { mixPartner } from "../../../src/data/augmentation/mixup.js";
import { partOf } from "../../../src/data/batches/batch-part.js";

const batchOf = (length: number) => Uint32Array.from({ length }, (_, place) => 100 + place);

const partsOf = (length: number, count: number, isMixed = false) =>
  Array.from({ length: count }, (_, index) => partOf(batchOf(length), { index, count }, isMixed));

describe("parts of a batch", () => {
  test("are consecutive, cover it once, and have weights by their numbers of images", () => {
    const parts = partsOf(5, 2);
    expect(parts.map(({ samples }) => [...samples])).toEqual([
      [100, 101],
      [102, 103, 104],
    ]);
    expect(parts.map(({ part }) => part)).toEqual([
      { of: 5, weight: 0.4 },
      { of: 5, weight: 0.6 },
    ]);
  });

  test("are the whole batch for a single share", () => {
    expect(partsOf(5, 1)).toEqual([{ samples: batchOf(5) }]);
  });

  test("are all the whole batch if it has fewer images than shares", () => {
    const parts = partsOf(2, 3);
    for (const { samples, part } of parts) {
      expect([...samples]).toEqual([100, 101]);
      expect(part).toEqual({ of: 2, weight: 1 / 3 });
    }
  });

  test.each([
    [8, 2],
    [7, 2],
    [9, 4],
    [50, 3],
  ])("mix every image of %i with the same partner as one batch, in %i shares", (length, count) => {
    const whole = batchOf(length);
    const partner = new Map(
      [...whole].map((sample, place) => [sample, whole[mixPartner(place, length)]]),
    );
    const seen: number[] = [];
    for (const { samples } of partsOf(length, count, true)) {
      samples.forEach((sample, place) => {
        expect(samples[mixPartner(place, samples.length)]).toBe(partner.get(sample));
        seen.push(sample);
      });
    }
    expect(seen.sort((a, b) => a - b)).toEqual([...whole]);
  });
});
