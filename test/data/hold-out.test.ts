import { describe, expect, test } from "vitest";
import { createBatchLoader } from "../../src/data/batches/batch-loader.js";
import { createImageSet } from "../../src/data/create-image-set.js";
import type { DataSet, ImageSet } from "../../src/data/data-set.js";
import { DIGITS_INFO } from "../../src/data/digits.js";
import { holdOut } from "../../src/data/hold-out.js";
import { subset } from "../../src/data/subset.js";

const info = { ...DIGITS_INFO, height: 2, width: 2 };
/** Images whose every byte is their number, which is their label too. */
const numbered = (count: number): ImageSet => {
  const set = createImageSet(count, 12);
  set.images.forEach((_, at) => {
    set.images[at] = Math.floor(at / 12);
  });
  set.labels.forEach((_, at) => {
    set.labels[at] = at;
  });
  return set;
};
const dataSet = (count: number): DataSet => ({ info, train: numbered(count), test: numbered(1) });
const labels = (set: ImageSet | undefined): number[] => [...(set?.labels ?? [])];

describe("held-out training images", () => {
  test("and the remaining ones together form the whole set, each image once", () => {
    const { train, validation } = holdOut(dataSet(50), 0.2, 1);
    expect([train.count, validation?.count]).toEqual([40, 10]);
    const all = [...labels(train), ...labels(validation)].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 50 }, (_, at) => at));
  });

  test("depend only on the seed", () => {
    const held = (seed: number) => labels(holdOut(dataSet(50), 0.2, seed).validation);
    expect(held(1)).toEqual(held(1));
    expect(held(2)).not.toEqual(held(1));
  });

  test("are at least one and never all", () => {
    expect(holdOut(dataSet(3), 0.001, 1).validation?.count).toBe(1);
    expect(holdOut(dataSet(3), 0.999, 1).train.count).toBe(1);
    expect(() => holdOut(dataSet(1), 0.5, 1)).toThrow("1 training images cannot be split");
  });

  test.each([0, 2])("are served with their own pixels and labels (%i workers)", async (workers) => {
    const { validation, train } = holdOut(dataSet(50), 0.2, 1);
    for (const set of [validation as ImageSet, subset(train, Uint32Array.of(5, 3))]) {
      const loader = createBatchLoader({
        images: set,
        info: { ...info, mean: [0, 0, 0], std: [1, 1, 1] },
        batchSize: 4,
        mode: "evaluate",
        seed: 1,
        workers,
      });
      const seen: number[] = [];
      for await (const batch of loader.epoch(1)) {
        batch.labels.forEach((label, at) => {
          expect(batch.images[at * 12]).toBe(Math.fround(label / 255));
          seen.push(label);
        });
      }
      await loader.close();
      expect(seen).toEqual(labels(set));
    }
  });
});
