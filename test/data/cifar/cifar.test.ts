import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { type DataSet, dataSetInfoSchema } from "../../../src/data/data-set.js";
import { type LoadDataSetOptions, loadDataSet } from "../../../src/data/load-data-set.js";
import {
  CIFAR10_FILES,
  record,
  temporaryFolder,
  writeCifar10,
  writeCifar100,
} from "./cifar-files.js";

const load = (directory: string, options: Partial<LoadDataSetOptions> = {}): Promise<DataSet> =>
  loadDataSet({ name: "cifar10", directory, parts: "train and test", ...options });

const refusal = async (loading: Promise<DataSet>): Promise<QpruneError> => {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QpruneError);
  return error as QpruneError;
};

describe("reading CIFAR-10", () => {
  test("the five training files are read in order and the test file after them", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    const { info, train, test: tested } = await load(folder);
    expect(dataSetInfoSchema.parse(JSON.parse(JSON.stringify(info)))).toEqual(info);
    expect([...train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...tested.labels]).toEqual([0, 1]);
    expect(Array.from({ length: 10 }, (_, i) => train.images[i * 3072])).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(tested.images[3072]).toBe(11);
  });

  test("planes become pixels with three adjacent channels", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    const { train } = await load(folder);
    const place = 9 * 32 + 5;
    const pixel = train.images.subarray(3072 + place * 3, 3072 + place * 3 + 3);
    expect([...pixel]).toEqual([1, place % 256, place >> 8]);
  });

  test("the bytes are in shared memory", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    expect((await load(folder)).train.images.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test.each(["cifar-10-batches-bin", "my own folder"])(
    "the files are also found one folder down, in %s",
    async (name) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, "another"));
      writeCifar10(join(folder, name));
      expect((await load(folder)).train.count).toBe(10);
    },
  );

  test("a folder with all files is preferred to one with some", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "test_batch.bin"), "");
    writeCifar10(join(folder, "whole"));
    expect((await load(folder)).train.count).toBe(10);
  });

  test("limits select the first images, and no file past them is read", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    rmSync(join(folder, "data_batch_3.bin"));
    const { train, test: tested } = await load(folder, { trainLimit: 3, testLimit: 1 });
    expect([...train.labels]).toEqual([0, 1, 2]);
    expect(tested.count).toBe(1);
  });

  test("a limit larger than the number of images takes all", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    expect((await load(folder, { trainLimit: 99 })).train.count).toBe(10);
  });

  test("with the test part only, the training files need not exist", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "test_batch.bin"), record([7], 1));
    const { train, test: tested } = await load(folder, { parts: "test only" });
    expect([train.count, tested.count, tested.labels[0]]).toEqual([0, 1, 7]);
  });
});

describe("reading CIFAR-100", () => {
  test("the fine label is the class", async () => {
    const folder = temporaryFolder();
    writeCifar100(join(folder, "cifar-100-binary"), [
      [19, 99],
      [0, 3],
    ]);
    const { info, train } = await load(folder, { name: "cifar100" });
    expect([...train.labels]).toEqual([99, 3]);
    expect(train.images[3072]).toBe(1);
    expect(new Set(info.classNames).size).toBe(100);
    expect([info.classNames[99], info.classNames[3]]).toEqual(["worm", "bear"]);
  });

  test("a coarse or fine label out of range is refused", async () => {
    const folder = temporaryFolder();
    writeCifar100(folder, [
      [1, 1],
      [20, 1],
    ]);
    const coarse = await refusal(load(folder, { name: "cifar100" }));
    expect(coarse.message).toContain("record 2 has the coarse label 20: expected 0 to 19");
    writeCifar100(folder, [[1, 100]]);
    const fine = await refusal(load(folder, { name: "cifar100" }));
    expect(fine.message).toContain("record 1 has the fine label 100: expected 0 to 99");
  });
});

describe("refusals", () => {
  test("a truncated file is refused with its name, its size and the expected size", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    truncateSync(join(folder, "data_batch_2.bin"), 6000);
    const error = await refusal(load(folder));
    expect(error.message).toContain(join(folder, "data_batch_2.bin"));
    expect(error.message).toContain("6000 bytes");
    expect(error.message).toContain("expected 30730000 bytes");
    expect(error.kind).toBe("failure");
    expect(error.code).toBe("cifar-damaged");
  });

  test("a file with bytes past its last record is refused", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    appendFileSync(join(folder, "test_batch.bin"), "x");
    expect((await refusal(load(folder))).message).toContain("has 6147 bytes");
  });

  test("a file with more records than the authors' is refused before it is read", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    truncateSync(join(folder, "test_batch.bin"), 10_001 * 3073);
    expect((await refusal(load(folder))).message).toContain("too large");
  });

  test("a file without images is refused", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    truncateSync(join(folder, "data_batch_1.bin"), 0);
    expect((await refusal(load(folder))).message).toContain("contains no images");
  });

  test("a label out of range is refused with file, record and label", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    const file = join(folder, "data_batch_4.bin");
    writeFileSync(file, Buffer.concat([record([9], 0), record([10], 0)]));
    const error = await refusal(load(folder));
    expect(error.message).toContain(`${file}: record 2 has the label 10: expected 0 to 9`);
    expect(error.kind).toBe("failure");
  });

  test("missing files are all named", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    rmSync(join(folder, "data_batch_3.bin"));
    rmSync(join(folder, "data_batch_5.bin"));
    const error = await refusal(load(folder));
    expect(error.message).toContain("lacks data_batch_3.bin, data_batch_5.bin");
    expect(error.kind).toBe("failure");
  });

  test("a missing test file is named too", async () => {
    const folder = temporaryFolder();
    writeCifar10(folder);
    rmSync(join(folder, "test_batch.bin"));
    expect((await refusal(load(folder))).message).toContain("lacks test_batch.bin");
  });

  test("an empty or missing folder is a usage error that names what was looked for and how to get it", async () => {
    const empty = temporaryFolder();
    for (const folder of [empty, join(empty, "missing")]) {
      const error = await refusal(load(folder));
      expect(error.kind).toBe("usage");
      for (const file of CIFAR10_FILES) expect(error.message).toContain(file);
      expect(error.message).toContain(folder);
      expect(error.message.includes("does not exist")).toBe(folder !== empty);
      expect(error.code).toBe("cifar-missing");
      expect(error.hint).toContain("cifar-10-binary.tar.gz");
    }
  });

  test("an archive that is not unpacked yet is named in the hint", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "cifar-10-binary.tar.gz"), "");
    expect((await refusal(load(folder))).hint).toContain("Unpack ");
  });

  test("a file instead of the folder is a usage error", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const error = await refusal(load(file));
    expect([error.kind, error.message.includes("not a folder")]).toEqual(["usage", true]);
  });
});
