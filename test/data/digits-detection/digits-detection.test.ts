import { expect, test } from "vitest";
import { overlap } from "../../../src/boxes/box.js";
import { loadDataSet } from "../../../src/data/load-data-set.js";

const load = (side: number, limit = 24) =>
  loadDataSet({
    name: "digits-detection",
    directory: "",
    parts: "train and test",
    trainLimit: limit,
    testLimit: 5,
    net: { side },
  });

test("scenes are the same each time, and a limit takes the first ones", async () => {
  const [all, few] = await Promise.all([load(96), load(96, 4)]);
  expect(few.train.count).toBe(4);
  expect(few.train.boxes).toEqual(all.train.boxes?.slice(0, 4));
  expect(Buffer.from(few.train.images).equals(all.train.images.subarray(0, 4 * 96 * 96 * 3))).toBe(
    true,
  );
  expect(all.info).toMatchObject({ height: 96, width: 96, hasBoxes: true });
  expect(all.test.boxes?.[0]).not.toEqual(all.train.boxes?.[0]);
});

test("scenes have one to five digits of 16 to 44 pixels that overlap little and lie inside", async () => {
  const { train } = await load(96);
  const counts = train.boxes?.map(({ length }) => length) ?? [];
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...counts)).toBe(5);
  for (const boxes of train.boxes ?? []) {
    for (const [index, box] of boxes.entries()) {
      expect(Math.max(box.width, box.height)).toBeGreaterThanOrEqual(16);
      expect(Math.max(box.width, box.height)).toBeLessThanOrEqual(44);
      expect(box.left + box.width).toBeLessThanOrEqual(96);
      expect(box.top + box.height).toBeLessThanOrEqual(96);
      for (const other of boxes.slice(index + 1))
        expect(overlap(box, other)).toBeLessThanOrEqual(0.15);
    }
  }
});

test("larger scenes have more digits", async () => {
  const { train, info } = await load(128);
  expect(info.height).toBe(128);
  const counts = train.boxes?.map(({ length }) => length) ?? [];
  expect(Math.max(...counts)).toBeGreaterThan(5);
  expect(Math.max(...counts)).toBeLessThanOrEqual(9);
});

test("scenes that are too small are refused", async () => {
  await expect(load(32)).rejects.toThrow("at least 64x64 pixels, not 32x32");
});

test("only the scenes that will be used are drawn, and they are the same", async () => {
  const options = {
    name: "digits-detection",
    directory: "",
    parts: "train and test",
    trainLimit: 8,
    testLimit: 1,
  } as const;
  const whole = await loadDataSet(options);
  const some = await loadDataSet({ ...options, trainUsed: () => Uint32Array.of(6, 2) });
  const bytes = 96 * 96 * 3;
  for (let scene = 0; scene < 8; scene++) {
    const pixels = some.train.images.subarray(scene * bytes, (scene + 1) * bytes);
    const isUsed = scene === 2 || scene === 6;
    expect(some.train.boxes?.[scene]).toEqual(isUsed ? whole.train.boxes?.[scene] : []);
    expect(pixels.some((byte) => byte > 0)).toBe(isUsed);
    if (isUsed) {
      const own = whole.train.images.subarray(scene * bytes, (scene + 1) * bytes);
      expect(Buffer.from(pixels).equals(own)).toBe(true);
    }
  }
});
