import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { ImageSet } from "../../src/data/data-set.js";
import { readDigits } from "../../src/data/digits.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { readIdx } from "../../src/data/read-idx.js";
import { temporaryFolder } from "./cifar/cifar-files.js";

const digits = await loadDataSet({ name: "digits", directory: "", parts: "train and test" });

const hashes = ({ images, count }: ImageSet): string[] =>
  Array.from({ length: count }, (_, i) =>
    createHash("md5")
      .update(images.slice(i * 3072, (i + 1) * 3072))
      .digest("hex"),
  );

describe("the shipped digits", () => {
  test("there are 5,000 training and 1,000 test images, equally many of each digit, interleaved", () => {
    expect([digits.train.count, digits.test.count]).toEqual([5000, 1000]);
    for (const { labels } of [digits.train, digits.test]) {
      expect([...labels]).toEqual(Array.from(labels, (_, index) => index % 10));
    }
  });

  test("no image occurs twice, so training and test images are disjoint", () => {
    expect(new Set([...hashes(digits.train), ...hashes(digits.test)]).size).toBe(6000);
  });

  test("the declared mean and deviation are those of the training pixels, to 4 digits", () => {
    const { images } = digits.train;
    let sum = 0;
    let squares = 0;
    for (const value of images) {
      sum += value / 255;
      squares += (value / 255) ** 2;
    }
    const mean = sum / images.length;
    const std = Math.sqrt(squares / images.length - mean ** 2);
    for (const channel of [0, 1, 2]) {
      expect(digits.info.mean[channel]).toBe(Number(mean.toFixed(4)));
      expect(digits.info.std[channel]).toBe(Number(std.toFixed(4)));
    }
  });

  test("images are framed with black and their three channels are equal", () => {
    const image = digits.train.images.subarray(0, 3072);
    let ink = 0;
    for (let place = 0; place < 1024; place++) {
      const [red = 0, green, blue] = image.subarray(place * 3, place * 3 + 3);
      expect([green, blue]).toEqual([red, red]);
      const [y, x] = [place >> 5, place % 32];
      if (Math.min(y, x) < 2 || Math.max(y, x) > 29) expect(red).toBe(0);
      ink += red;
    }
    expect(ink).toBeGreaterThan(0);
  });

  test("limits take the first images; the training part can be left out", async () => {
    const some = await loadDataSet({
      name: "digits",
      directory: "",
      parts: "test only",
      testLimit: 20,
    });
    expect([some.train.count, some.test.count]).toEqual([0, 20]);
    expect(some.test.images).toEqual(digits.test.images.subarray(0, 20 * 3072));
  });
});

/** An IDX file of unsigned bytes with this header and so many zero bytes. */
const writeIdx = (words: readonly number[], valueBytes: number, name = "file.gz"): string => {
  const bytes = Buffer.alloc(words.length * 4 + valueBytes);
  words.forEach((word, place) => {
    bytes.writeUInt32BE(word, place * 4);
  });
  const path = join(temporaryFolder(), name);
  writeFileSync(path, gzipSync(bytes));
  return path;
};

describe("the IDX reader", () => {
  test("reads sizes and values", async () => {
    const { shape, values } = await readIdx(writeIdx([0x803, 2, 3, 4], 24), 3);
    expect([shape, values.length]).toEqual([[2, 3, 4], 24]);
  });

  test.each([
    ["another type of value", [0x0d03, 1, 1, 1], 1, "it has 32-bit floats with 3 axes"],
    ["another number of axes", [0x801, 1], 1, "it has unsigned bytes with 1 axes"],
    ["a truncated header", [0x803, 1], 0, "not an IDX file"],
    ["too few values", [0x803, 2, 3, 4], 23, "2x3x4, which takes 40 bytes, but it has 39"],
    ["too many values", [0x803, 2, 3, 4], 25, "has 41"],
    ["no images", [0x803, 0, 28, 28], 0, "0x28x28"],
    ["sizes beyond the limits", [0x803, 0xffffffff, 0xffffffff, 0xffffffff], 1, "damaged"],
  ])("refuses %s", async (_what, words, valueBytes, message) => {
    await expect(readIdx(writeIdx(words, valueBytes), 3)).rejects.toThrow(message);
  });

  test("refuses a file that is not gzipped, a truncated one, and a missing one", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "plain");
    writeFileSync(path, Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 0]));
    await expect(readIdx(path, 1)).rejects.toThrow(
      "an IDX file (MNIST's format), not a gzipped IDX file",
    );
    writeFileSync(path, gzipSync(Buffer.alloc(100)).subarray(0, 20));
    await expect(readIdx(path, 1)).rejects.toThrow("not a complete gzip file");
    await expect(readIdx(join(folder, "none"), 1)).rejects.toThrow("Cannot read");
  });

  test("decompresses no more than a file of this kind can contain", async () => {
    const path = writeIdx([0x801, 1], 1_000_000);
    await expect(readIdx(path, 1)).rejects.toThrow("at most 100008 bytes");
  });
});

describe("digits that do not fit together", () => {
  const write = (folder: string, imageCount: number, labels: readonly number[]): void => {
    const header = Buffer.from(Uint32Array.of(0x803, imageCount, 28, 28).buffer).swap32();
    const images = Buffer.concat([header, Buffer.alloc(imageCount * 784)]);
    const labelHeader = Buffer.from(Uint32Array.of(0x801, labels.length).buffer).swap32();
    writeFileSync(join(folder, "train-images-idx3-ubyte.gz"), gzipSync(images));
    writeFileSync(
      join(folder, "train-labels-idx1-ubyte.gz"),
      gzipSync(Buffer.concat([labelHeader, Buffer.from(labels)])),
    );
  };

  test("a number of labels that differs from the number of images is refused", async () => {
    const folder = temporaryFolder();
    write(folder, 2, [1]);
    await expect(readDigits(folder, "train", 9)).rejects.toThrow("the same number");
  });

  test("a label past 9 is refused", async () => {
    const folder = temporaryFolder();
    write(folder, 2, [1, 10]);
    await expect(readDigits(folder, "train", 9)).rejects.toThrow("label 2 is 10");
  });
});
