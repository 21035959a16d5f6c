import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { createImageSet } from "../../../src/data/create-image-set.js";
import type { DataSet } from "../../../src/data/data-set.js";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import { checkMemory } from "../../../src/workflows/training/checks/check-memory.js";
import { qprune } from "../../cli/run.js";

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
const spec = builtInSpec({
  arch: "nin",
  classes: 10,
  input: { channels: 3, height: 32, width: 32 },
  sequence: "dorefa",
  quantization: FLOAT,
});
const dataSet: DataSet = {
  info: DIGITS_INFO,
  train: createImageSet(1000, 3072),
  test: createImageSet(500, 3072),
};
const check = (train: number, test: number, memoryBytes: number) => () =>
  checkMemory(
    spec,
    { train_batch_size: train, eval_batch_size: test, num_workers: 2, accumulate: 1 },
    dataSet,
    memoryBytes,
  );
const hintOf = (action: () => void): string => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(QpruneError);
    return (error as QpruneError).hint ?? "";
  }
  return "";
};

describe("a batch that does not fit into memory", () => {
  test("is refused with the largest size that fits, which is then accepted", () => {
    const memory = 2e9;
    const hint = hintOf(check(900, 8, memory));
    const fitting = Number(/trainBatchSize to (\d+)/.exec(hint)?.[1]);
    expect(fitting).toBeGreaterThan(50);
    expect(check(fitting, 8, memory)).not.toThrow();
    expect(check(fitting + 1, 8, memory)).toThrow(
      /needs about 2\.0 GB, but only 2\.0 GB of memory are available/,
    );
  });

  test("of test images is refused by the name of its own flag", () => {
    expect(hintOf(check(1, 500, 1.2e9))).toContain("evalBatchSize");
  });

  test("is limited to the number of images in the data set", () => {
    expect(check(1_000_000, 1_000_000, 12e9)).not.toThrow();
  });

  test("of a single image is refused with other advice", () => {
    expect(hintOf(check(1, 1, 1e8))).toContain("Not even one image fits");
  });

  test("is refused before anything is computed", async () => {
    const { code, stderr } = await qprune([
      ...["wqaq", "--dataset", "digits", "--arch", "nin", "--width", "16"],
      ...["--train_batch_size", "5000", "--save", "/tmp/never.safetensors"],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: A batch of 5000 images needs about \d+\.\d GB/);
    expect(stderr).toMatch(/hint: (Set --train_batch_size to \d+ or less|Not even one image fits)/);
  });
});
