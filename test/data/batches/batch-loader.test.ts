import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { drawAugmentation } from "../../../src/data/batches/augmentation.js";
import {
  type Batch,
  type BatchLoader,
  type BatchLoaderOptions,
  createBatchLoader,
} from "../../../src/data/batches/batch-loader.js";
import { createImageSet } from "../../../src/data/create-image-set.js";
import type { DataSetInfo } from "../../../src/data/data-set.js";

const SIDE = 8;
const INFO: DataSetInfo = {
  name: "test",
  channels: 3,
  height: SIDE,
  width: SIDE,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.25, 0.3],
  augmentation: { cropPadding: 2, mirror: true },
  classNames: ["a", "b"],
};
const COUNT = 53;

const images = createImageSet(COUNT, SIDE * SIDE * 3);
images.images.forEach((_, place) => {
  images.images[place] = (place * 31) % 251;
});
images.labels.forEach((_, index) => {
  images.labels[index] = index;
});

const loaders: BatchLoader[] = [];
const open = (options: Partial<BatchLoaderOptions> = {}): BatchLoader => {
  const loader = createBatchLoader({
    images,
    info: INFO,
    batchSize: 10,
    mode: "train",
    seed: 7,
    workers: 0,
    ...options,
  });
  loaders.push(loader);
  return loader;
};
afterEach(async () => {
  for (const loader of loaders.splice(0)) await loader.close();
});

const all = async (batches: AsyncIterable<Batch>): Promise<Batch[]> => {
  const list: Batch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
};
const labelsOf = (batches: readonly Batch[]): number[] =>
  batches.flatMap(({ labels }) => [...labels]);

describe("the batches of an epoch", () => {
  test("evaluating serves all images in order, the last batch being smaller", async () => {
    const loader = open({ mode: "evaluate" });
    const batches = await all(loader.epoch(1));
    expect(loader.batchesPerEpoch).toBe(6);
    expect(batches.map(({ count }) => count)).toEqual([10, 10, 10, 10, 10, 3]);
    expect(batches.at(-1)?.images.length).toBe(3 * SIDE * SIDE * 3);
    expect(labelsOf(batches)).toEqual(Array.from({ length: COUNT }, (_, index) => index));
    const pixel = images.images[SIDE * SIDE * 3 * 10 + 1] ?? Number.NaN;
    // Float32 rounding of numbers around 1.
    expect(batches[1]?.images[1]).toBeCloseTo((pixel / 255 - 0.4) / 0.25, 6);
  });

  test("training serves every image once, in a different order in each epoch", async () => {
    const loader = open();
    const first = labelsOf(await all(loader.epoch(1)));
    const second = labelsOf(await all(loader.epoch(2)));
    expect(first.toSorted((a, b) => a - b)).toEqual([...images.labels]);
    expect(second.toSorted((a, b) => a - b)).toEqual([...images.labels]);
    expect(second).not.toEqual(first);
    expect(labelsOf(await all(open({ seed: 8 }).epoch(1)))).not.toEqual(first);
  });

  test("the augmentation of an image does not depend on its position in the epoch", async () => {
    const [batch] = await all(open({ batchSize: COUNT }).epoch(3));
    for (const place of [0, 17, 52]) {
      const sample = batch?.labels[place] ?? Number.NaN;
      const draw = drawAugmentation(INFO.augmentation, 7, 3, sample);
      const fromX = (draw.isMirrored ? SIDE - 1 - 4 : 4) + draw.columnShift;
      const from = ((sample * SIDE + 3 + draw.rowShift) * SIDE + fromX) * 3;
      const value = ((images.images[from] ?? Number.NaN) / 255 - 0.5) / 0.2;
      // Float32 rounding of numbers around 1.
      expect(batch?.images[((place * SIDE + 3) * SIDE + 4) * 3]).toBeCloseTo(value, 5);
    }
  });

  test("they are identical with 0, 1, 2 and 3 workers, in every epoch", async () => {
    const alone = open();
    for (const workers of [1, 2, 3]) {
      const loader = open({ workers });
      for (const epoch of [1, 2]) {
        expect(await all(loader.epoch(epoch))).toEqual(await all(alone.epoch(epoch)));
      }
    }
  });

  test.each([0, 2])(
    "an epoch resumed at batch 4 continues as an uninterrupted one (%i workers)",
    async (workers) => {
      const loader = open({ workers });
      const whole = await all(loader.epoch(5));
      expect(await all(loader.epoch(5, { fromBatch: 4 }))).toEqual(whole.slice(4));
      expect(await all(loader.epoch(5, { fromBatch: 6 }))).toEqual([]);
    },
  );

  test("a set without images has no batches", async () => {
    const loader = open({ images: createImageSet(0, 0) });
    expect([loader.batchesPerEpoch, (await all(loader.epoch(1))).length]).toEqual([0, 0]);
  });

  test("a batch stays unchanged while later ones are prepared", async () => {
    const kept: Batch[] = [];
    const copies: Float32Array[] = [];
    for await (const batch of open({ workers: 1 }).epoch(1)) {
      kept.push(batch);
      copies.push(batch.images.slice());
    }
    expect(kept.map((batch) => batch.images)).toEqual(copies);
  });

  test("images of another size than the data set's are refused", () => {
    expect(() => open({ info: { ...INFO, height: 9 } })).toThrow("need 11448 bytes");
    expect(() => open({ batchSize: 0 })).toThrow("Cannot prepare batches of 0 images");
  });
});

describe("leaving early", () => {
  test.each([0, 2])(
    "an epoch that was left half-way disturbs no later one (%i workers)",
    async (workers) => {
      const loader = open({ workers });
      for await (const _ of loader.epoch(1)) break;
      expect(await all(loader.epoch(2))).toEqual(await all(open().epoch(2)));
    },
  );

  test("closing stops the threads, and a batch requested afterwards is refused", async () => {
    const loader = open({ workers: 2 });
    const batches = loader.epoch(1)[Symbol.asyncIterator]();
    await batches.next();
    await loader.close();
    await loader.close();
    await expect(all(loader.epoch(2))).rejects.toThrow("closed");
  });

  test("signals and timers are handled between two batches without workers", async () => {
    let isHeard = false;
    setImmediate(() => {
      isHeard = true;
    });
    for await (const _ of open().epoch(1)) break;
    expect(isHeard).toBe(true);
  });
});

describe("a process with data workers", () => {
  const modules = ["batches/batch-loader.js", "load-data-set.js"].map((name) =>
    fileURLToPath(new URL(`../../../dist/data/${name}`, import.meta.url)),
  );
  const run = (program: string) =>
    promisify(execFile)(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { createBatchLoader } from ${JSON.stringify(modules[0])};
         import { loadDataSet } from ${JSON.stringify(modules[1])};
         const { info, test } = await loadDataSet({ name: "digits", directory: "", parts: "test only" });
         const open = () => createBatchLoader({ images: test, info, batchSize: 50, mode: "train", seed: 1, workers: 2 });
         const loader = open();
         ${program}`,
      ],
      { timeout: 30_000 },
    );

  test("stays alive while a batch is awaited and ends by itself without close()", async () => {
    const { stdout } = await run(
      "let count = 0; for await (const batch of loader.epoch(1)) count += batch.count; console.log(count);",
    );
    expect(stdout).toBe("1000\n");
  });

  test("ends by itself after an epoch is abandoned half-way", async () => {
    const { stdout } = await run(
      "for await (const batch of loader.epoch(1)) break; console.log('left');",
    );
    expect(stdout).toBe("left\n");
  });

  test("stays alive until close() has ended the threads", async () => {
    const { stdout } = await run(
      `for (let time = 0; time < 10; time++) {
         const another = open();
         for await (const batch of another.epoch(1)) if (time % 2 === 0) break;
         await another.close();
       }
       console.log('closed');`,
    );
    expect(stdout).toBe("closed\n");
  });
});

describe("strong augmentation", () => {
  const STRONG = {
    randAugment: { operations: 2, strength: 12 },
    cutout: 3,
    randomErasing: 0.5,
    mixup: 0.5,
  };

  test("gives identical batches on worker threads, wherever an epoch starts", async () => {
    const here = await all(open({ strong: STRONG }).epoch(2));
    const there = await all(open({ strong: STRONG, workers: 2 }).epoch(2, { fromBatch: 3 }));
    expect(there).toEqual(here.slice(3));
  });

  test("differs between epochs, and from batches without it; labels stay", async () => {
    const loader = open({ strong: STRONG });
    const weak = await all(open().epoch(1));
    const strong = await all(loader.epoch(1));
    expect(labelsOf(strong)).toEqual(labelsOf(weak));
    expect(strong[0]?.images).not.toEqual(weak[0]?.images);
    expect((await all(loader.epoch(2)))[0]?.images).not.toEqual(strong[0]?.images);
  });

  test("is left out for weak batches and tests", async () => {
    const weak = await all(open({ strong: STRONG }).epoch(1, { isWeak: true }));
    expect(weak).toEqual(await all(open().epoch(1)));
    const tested = await all(open({ strong: STRONG, mode: "evaluate" }).epoch(1));
    expect(tested).toEqual(await all(open({ mode: "evaluate" }).epoch(1)));
  });

  test("of mixup alone mixes the images that it reports", async () => {
    const plain = await all(open().epoch(1));
    const mixed = await all(open({ strong: { mixup: 1 } }).epoch(1));
    for (const [index, batch] of mixed.entries()) {
      const { images: own, count } = plain[index] as Batch;
      const size = own.length / count;
      const { labels, shares } = batch.mixed ?? { labels: [], shares: [] };
      expect([...labels]).toEqual([...batch.labels].reverse());
      const expected = own.map((value, at) => {
        const place = Math.floor(at / size);
        const share = shares[place] as number;
        const other = own[(count - 1 - place) * size + (at % size)] as number;
        return share * value + (1 - share) * other;
      });
      expect(
        Math.max(...batch.images.map((value, at) => Math.abs(value - (expected[at] as number)))),
      ).toBeLessThan(1e-6);
    }
  });

  test("of RandAugment without operations of any strength normalizes as the table does", async () => {
    // Half of the operations change nothing at strength 0; one batch has images without the others.
    const strong = { randAugment: { operations: 1, strength: 0 } };
    const [plain, augmented] = [await all(open().epoch(1)), await all(open({ strong }).epoch(1))];
    const size = SIDE * SIDE * 3;
    const equal = plain.flatMap(({ images: own, count }, batch) =>
      Array.from({ length: count }, (_, place) => {
        const part = [place * size, (place + 1) * size] as const;
        return own.slice(...part).join() === augmented[batch]?.images.slice(...part).join();
      }),
    );
    expect(equal.filter(Boolean).length).toBeGreaterThan(COUNT / 3);
  });
});
