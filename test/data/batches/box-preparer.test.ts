import { describe, expect, test } from "vitest";
import type { LabeledBox } from "../../../src/boxes/box.js";
import {
  type Batch,
  type BatchLoaderOptions,
  createBatchLoader,
} from "../../../src/data/batches/batch-loader.js";
import { createImageSet } from "../../../src/data/create-image-set.js";
import type { DataSet, DataSetInfo, ImageSet } from "../../../src/data/data-set.js";
import { dataSetForNet } from "../../../src/data/preparation.js";

const SIDE = 32;
const INFO: DataSetInfo = {
  name: "test",
  channels: 3,
  height: SIDE,
  width: SIDE,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  augmentation: { cropPadding: 0, mirror: false },
  hasBoxes: true,
  classNames: ["a"],
};

/** Black images, each with one white rectangle, which is its object. */
const whiteRectangles = (count: number): ImageSet & { readonly boxes: LabeledBox[][] } => {
  const set = createImageSet(count, SIDE * SIDE * 3);
  const boxes = Array.from({ length: count }, (_, index) => {
    const box = { left: 4 + index, top: 6, width: 10, height: 8 + index, label: 0 };
    for (let y = box.top; y < box.top + box.height; y++) {
      const start = ((index * SIDE + y) * SIDE + box.left) * 3;
      set.images.fill(255, start, start + box.width * 3);
    }
    return [box];
  });
  return { ...set, boxes };
};

const SET = whiteRectangles(6);

const epochOf = async (options: Partial<BatchLoaderOptions>, epoch = 1): Promise<Batch> => {
  const loader = createBatchLoader({
    images: SET,
    info: INFO,
    batchSize: 6,
    mode: "train",
    seed: 7,
    workers: 0,
    ...options,
  });
  try {
    for await (const batch of loader.epoch(epoch)) return batch;
    throw new Error("no batch");
  } finally {
    await loader.close();
  }
};

/** The edges of what is white in an image of a batch; bilinear edges count from one half. */
const whiteBox = ({ images }: Batch, index: number, side = SIDE) => {
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if ((images[((index * side + y) * side + x) * 3] as number) < 0.5) continue;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  }
  return { left, top, width: right - left, height: bottom - top };
};

const expectBoxesOnWhite = (batch: Batch, tolerance: number, side = SIDE): void => {
  const boxes = batch.boxes ?? [];
  expect(boxes).toHaveLength(6);
  for (const [index, [box]] of boxes.entries()) {
    const white = whiteBox(batch, index, side);
    if (!box) continue;
    for (const key of ["left", "top", "width", "height"] as const)
      expect(Math.abs(box[key] - white[key])).toBeLessThanOrEqual(tolerance);
  }
};

const withAugmentation = (augmentation: DataSetInfo["augmentation"]): DataSetInfo => ({
  ...INFO,
  augmentation,
});

describe("boxes follow their images", () => {
  test("exactly, through crops and mirroring", async () => {
    const info = withAugmentation({ cropPadding: 6, mirror: true });
    const epochs = await Promise.all([1, 2, 3, 4].map((epoch) => epochOf({ info }, epoch)));
    for (const batch of epochs) expectBoxesOnWhite(batch, 0);
    const lefts = epochs.flatMap(({ boxes = [] }) => boxes.map(([box]) => box?.left));
    expect(new Set(lefts).size).toBeGreaterThan(8);
  });

  test("within a pixel, through resized crops", async () => {
    const resizedCrop = { minArea: 0.5, maxRatio: 1.3 };
    const info = withAugmentation({ cropPadding: 0, mirror: true, resizedCrop });
    const squeezed = { side: SIDE, ratios: new Float32Array(6).fill(1) };
    const batch = await epochOf({ info, images: { ...SET, squeezed } });
    expectBoxesOnWhite(batch, 1);
    expect(batch.boxes?.some(([box]) => box && box.width > 11)).toBe(true);
  });

  test("to another size of the images", async () => {
    const dataSet: DataSet = { info: INFO, train: SET, test: SET };
    const { info, test: images } = dataSetForNet(dataSet, { side: 64 });
    const batch = await epochOf({ info, images, mode: "evaluate" });
    expectBoxesOnWhite(batch, 0, 64);
    expect(batch.boxes?.[0]?.[0]).toEqual({ left: 8, top: 12, width: 20, height: 16, label: 0 });
  });

  test("into the parts of mosaics", async () => {
    const images = await epochOf({ strong: { mosaic: 1 } });
    const plain = await epochOf({});
    expect(images.images).not.toEqual(plain.images);
    for (const [index, boxes] of (images.boxes ?? []).entries()) {
      for (const box of boxes) {
        const middle = [box.top + box.height / 2, box.left + box.width / 2].map(Math.floor);
        const [y = 0, x = 0] = middle;
        // Every box is full of white, and just outside of it is black, unless it is cut there.
        expect(images.images[((index * SIDE + y) * SIDE + x) * 3]).toBe(1);
      }
    }
    expect(images.boxes?.flat().length).toBeGreaterThan(6);
  });

  test("not at all without augmentation, and weak batches have no mosaics", async () => {
    const batch = await epochOf({ mode: "evaluate", strong: { mosaic: 1 } });
    expect(batch.boxes).toEqual(SET.boxes);
    const loader = createBatchLoader({
      ...{ images: SET, info: INFO, batchSize: 6, mode: "train", seed: 7, workers: 0 },
      strong: { mosaic: 1 },
    });
    for await (const weak of loader.epoch(1, { isWeak: true })) expectBoxesOnWhite(weak, 0);
  });

  test("and the same for worker threads", async () => {
    const info = withAugmentation({ cropPadding: 6, mirror: true });
    const options = { info, strong: { mosaic: 0.5 } };
    const [here, there] = [await epochOf(options), await epochOf({ ...options, workers: 1 })];
    expect(there.boxes).toEqual(here.boxes);
    expect(there.images).toEqual(here.images);
  });
});

test("an object of which too little remains is dropped, and one at the edge is cut", async () => {
  const set = createImageSet(200, SIDE * SIDE * 3);
  const edge = { left: 22, top: 10, width: 10, height: 10, label: 0 };
  const images = { ...set, boxes: Array.from({ length: 200 }, () => [edge]) };
  const info = withAugmentation({ cropPadding: 9, mirror: false });
  const { boxes = [] } = await epochOf({ info, images, batchSize: 200 });
  const widths = boxes.map(([box]) => box?.width ?? 0);
  expect(Math.min(...widths.filter((width) => width > 0))).toBe(3);
  expect(widths).toContain(0);
  expect(widths).toContain(10);
});
