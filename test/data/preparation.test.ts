import { afterEach, describe, expect, test } from "vitest";
import { type BatchLoader, createBatchLoader } from "../../src/data/batches/batch-loader.js";
import { createImageSet } from "../../src/data/create-image-set.js";
import type { DataSet, DataSetInfo } from "../../src/data/data-set.js";
import { holdOut } from "../../src/data/hold-out.js";
import { normalizationTable } from "../../src/data/normalization-table.js";
import { atSide, dataSetForNet, inputOfNet, testInput } from "../../src/data/preparation.js";
import { imageResizer } from "../../src/data/resizing/resize-image.js";

const SIDE = 8;
const COUNT = 6;
const info: DataSetInfo = {
  name: "cifar10",
  channels: 3,
  height: SIDE,
  width: SIDE,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.25, 0.3],
  augmentation: { cropPadding: 1, mirror: true },
  classNames: ["a", "b"],
};
const train = createImageSet(COUNT, SIDE * SIDE * 3);
train.images.forEach((_, place) => {
  train.images[place] = (place * 37) % 256;
});
const dataSet: DataSet = { info, train, test: train };

/** A data set of a published net, of 224 pixels. */
const published: DataSetInfo = {
  ...info,
  name: "imagenet",
  height: 224,
  width: 224,
  mean: [0.485, 0.456, 0.406],
  evaluation: { resizedSide: 256, interpolation: "bicubic" },
};

const loaders: BatchLoader[] = [];
afterEach(async () => {
  for (const loader of loaders.splice(0)) await loader.close();
});

const batchOf = async (
  { train: images, info: of }: DataSet,
  mode: "train" | "evaluate",
  workers: number,
): Promise<Float32Array> => {
  const loader = createBatchLoader({ images, info: of, batchSize: COUNT, mode, seed: 3, workers });
  loaders.push(loader);
  for await (const batch of loader.epoch(1)) return batch.images;
  throw new Error("no batch");
};

describe("a data set for a net", () => {
  test("is unchanged at its own size without a preparation", () => {
    expect(dataSetForNet(dataSet, { side: SIDE })).toBe(dataSet);
  });

  test.each([20, 5])("has images and crops of %d pixels, scaled bilinearly", async (side) => {
    const scaled = dataSetForNet(dataSet, { side });
    expect(scaled.info).toMatchObject({
      height: side,
      width: side,
      mean: info.mean,
      augmentation: { cropPadding: Math.round(side / SIDE), mirror: true },
      evaluation: { resizedSide: side, interpolation: "bilinear" },
    });
    const to = { height: side, width: side };
    const resize = imageResizer({ from: info, to, interpolation: "bilinear" });
    const table = normalizationTable(info);
    const bytes = SIDE * SIDE * 3;
    const expected = Array.from({ length: COUNT }, (_, index) => [
      ...Array.from(
        resize(train.images.subarray(index * bytes, (index + 1) * bytes)),
        (byte, place) => table[(place % 3) * 256 + byte],
      ),
    ]).flat();
    expect([...(await batchOf(scaled, "evaluate", 0))]).toEqual(expected);
  });

  test("is the same for worker threads, augmented, with images held out", async () => {
    const scaled = holdOut(dataSetForNet(dataSet, { side: 20 }), 0.3, 1);
    const here = await batchOf(scaled, "train", 0);
    expect(here.length).toBe(4 * 20 * 20 * 3);
    expect(await batchOf(scaled, "train", 1)).toEqual(here);
  });

  test("is normalized with the mean and deviation of the net", async () => {
    const prepared = dataSetForNet(dataSet, inputOfNet(published, SIDE));
    expect(prepared.info).toMatchObject({ mean: published.mean, std: published.std, height: SIDE });
    const [first] = await batchOf(prepared, "evaluate", 0);
    expect(first).toBe(normalizationTable(published)[train.images[0] as number]);
  });
});

describe("the input of a net", () => {
  test("keeps the proportion of the size before the crop", () => {
    expect(inputOfNet(published, 96).preparation?.evaluation).toEqual({
      resizedSide: 110,
      interpolation: "bicubic",
    });
    expect(atSide(published, 112)).toMatchObject({ width: 112, evaluation: { resizedSide: 128 } });
  });

  test("leaves normalization to the data set if the net has no preparation", () => {
    expect(inputOfNet(info, 16)).toEqual({ side: 16 });
    expect(atSide(info, 16)).toEqual({ ...info, height: 16, width: 16 });
  });

  test("for tests applies to the recorded data set, or with its own preparation to any", () => {
    expect(testInput("cifar10", { ...info, height: 96 })).toEqual({ side: 96 });
    expect(testInput("digits", info)).toBeUndefined();
    expect(testInput("digits", published)?.side).toBe(224);
  });
});
