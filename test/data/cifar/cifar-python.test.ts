import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { CIFAR } from "../../../src/data/cifar/cifar.js";
import { parseCifarPickle } from "../../../src/data/cifar/python/parse-cifar-pickle.js";
import type { DataSet } from "../../../src/data/data-set.js";
import { type LoadDataSetOptions, loadDataSet } from "../../../src/data/load-data-set.js";
import { join as joinBytes, pickleBytes } from "../../formats/pickle/pickle-bytes.js";
import { temporaryFolder, writeCifar10 } from "./cifar-files.js";
import {
  arrayPart,
  cifarPickle,
  dictPickle,
  PYTHON_2,
  PYTHON_3,
  writeCifar10Python,
} from "./cifar-pickle.js";

const load = (directory: string, options: Partial<LoadDataSetOptions> = {}): Promise<DataSet> =>
  loadDataSet({ name: "cifar10", directory, parts: "train and test", ...options });

const refusal = async (loading: Promise<DataSet>): Promise<QpruneError> => {
  const error = await loading.then(
    () => new Error("was read"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof QpruneError)) throw error;
  return error;
};

describe("the Python version of CIFAR-10", () => {
  test.each([
    ["Python 2", PYTHON_2],
    ["Python 3", PYTHON_3],
  ])("of %s gives the same images as the binary one", async (_, writer) => {
    const [python, binary] = [temporaryFolder(), temporaryFolder()];
    writeCifar10Python(join(python, "cifar-10-batches-py"), writer);
    writeCifar10(binary);
    expect(await load(python)).toEqual(await load(binary));
    expect((await load(python)).train.images.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("is found in the given folder itself", async () => {
    const folder = temporaryFolder();
    writeCifar10Python(folder);
    expect((await load(folder)).train.count).toBe(10);
  });

  test("is read only if the binary version is incomplete", async () => {
    const folder = temporaryFolder();
    writeCifar10Python(join(folder, "cifar-10-batches-py"));
    writeCifar10(folder, 3);
    expect((await load(folder)).train.count).toBe(15);
    rmSync(join(folder, "data_batch_2.bin"));
    expect((await load(folder)).train.count).toBe(10);
  });

  test("is cut by limits, and no file past them is read", async () => {
    const folder = temporaryFolder();
    writeCifar10Python(folder);
    rmSync(join(folder, "data_batch_3"));
    const { train } = await load(folder, { trainLimit: 3, parts: "train and test" });
    expect([...train.labels]).toEqual([0, 1, 2]);
    const error = await refusal(load(folder));
    expect(error.message).toContain("lacks data_batch_3 of data_batch_1");
    expect(error.code).toBe("cifar-incomplete");
  });

  test("needs no training files if only the test part is read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "test_batch"), cifarPickle({ labels: [7] }, 1, PYTHON_2));
    const { train, test: tested } = await load(folder, { parts: "test only" });
    expect([train.count, tested.labels[0]]).toEqual([0, 7]);
  });
});

describe("the Python version of CIFAR-100", () => {
  test("has the fine label as its class", async () => {
    const folder = join(temporaryFolder(), "cifar-100-python");
    mkdirSync(folder);
    const labels = { coarse_labels: [19, 0], fine_labels: [99, 3] };
    for (const name of ["train", "test"]) {
      writeFileSync(join(folder, name), cifarPickle(labels, 5, PYTHON_2));
    }
    const { train } = await load(join(folder, ".."), { name: "cifar100" });
    expect([...train.labels]).toEqual([99, 3]);
    expect(train.images[3072]).toBe(6);
  });

  test("is not looked for in folders with other names, where a file called train may be anything", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other", "train"), "");
    expect((await refusal(load(folder, { name: "cifar100" }))).kind).toBe("usage");
  });
});

describe("a file of the Python version is refused that", () => {
  const bytes = new Uint8Array(3072);
  const labels = joinBytes("]K", 1, "a");
  const file = (data: Uint8Array, more: Uint8Array = labels): Uint8Array =>
    dictPickle({ labels: more, data }, PYTHON_2);
  const array = (change: object) => arrayPart({ shape: [1, 3072], bytes, ...change }, PYTHON_2);

  test.each([
    ["is no pickle", Buffer.from("pickle"), /it is a text/],
    [
      "would run a command",
      pickleBytes("cposix\nsystem\n"),
      /refers to posix\.system, which no file of CIFAR needs/,
    ],
    ["contains no dict", pickleBytes("]"), /no dict/],
    ["has no images", file(joinBytes("N")), /no array of images/],
    ["has images of another shape", file(array({ shape: [1, 3071] })), /shape \[1,3071\]/],
    [
      "has fewer bytes than its shape requires",
      file(array({ shape: [2, 3072] })),
      /3072 bytes of shape \[2,3072\]/,
    ],
    ["has images of another type", file(array({ type: "f4" })), /type "f4"/],
    ["is stored column by column", file(array({ isFortran: true })), /row-major order/],
    ["has no labels", file(array({}), joinBytes("N")), /not a list of 1 labels/],
    ["has fewer labels than images", file(array({}), joinBytes("]")), /not a list of 1 labels/],
    [
      "has a label out of range",
      file(array({}), joinBytes("]K", 10, "a")),
      /image 1 has the label 10: expected 0 to 9/,
    ],
    ["has a label that is no number", file(array({}), joinBytes("]Na")), /the label null/],
    [
      "has no images at all",
      file(array({ shape: [0, 3072], bytes: new Uint8Array(0) }), joinBytes("]")),
      /contains 0 images/,
    ],
    ["has bytes after its pickle", joinBytes(file(array({})), 0), /1 bytes follow/],
  ] as [string, Uint8Array, RegExp][])("%s", async (_, content, reason) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "test_batch"), content);
    const error = await refusal(load(folder, { parts: "test only" }));
    expect(error.message).toContain(join(folder, "test_batch"));
    expect(error.message).toMatch(reason);
    expect(error.code).toMatch(/^cifar-(?:python-damaged|label-out-of-range)$/);
  });

  test("is larger than the authors' files can be, before it is read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "test_batch"), "");
    truncateSync(join(folder, "test_batch"), 200_000_000);
    expect((await refusal(load(folder, { parts: "test only" }))).message).toMatch(
      /200000000 bytes/,
    );
  });

  test("has any bytes changed, unless it still yields images with labels", () => {
    const whole = cifarPickle({ labels: [1, 2] }, 0, PYTHON_2);
    const head = whole.length - 6300;
    const change = fc.tuple(fc.oneof(fc.nat(head), fc.nat(whole.length - 1)), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const copy = new Uint8Array(whole);
        for (const [at, value] of changes) copy[at] = value;
        try {
          const {
            count,
            planes,
            labels: lists,
          } = parseCifarPickle(CIFAR.cifar10, copy, "x", 10_000);
          expect([planes.length, lists[0]?.length]).toEqual([count * 3072, count]);
        } catch (error) {
          if (!(error instanceof QpruneError)) throw error;
        }
      }),
      { numRuns: 2000, seed: 5 },
    );
  });
});
