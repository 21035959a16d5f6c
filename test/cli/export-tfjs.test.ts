import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBatchLoader } from "../../src/data/batches/batch-loader.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { runInNode } from "../export/tfjs/run-in-node.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-export-tfjs-"));
const home = process.cwd();
const IMAGES = 40;
const DATA = ["--dataset", "digits", "--test-limit", String(IMAGES)];
const SMALL = ["--width", "0.25", "--max-steps", "5", "--epochs", "1", "--train-limit", "300"];

beforeAll(async () => {
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  const flags = ["--arch", "nin", "--Wbits", "4", "--Abits", "4", "--save", "four.safetensors"];
  const { code } = await qprune(["wqaq", ...DATA, ...SMALL, ...flags, "--quiet"]);
  expect(code).toBe(0);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const exported = (...flags: string[]) =>
  qprune(["export", "four.safetensors", "--format", "tfjs", ...flags]);

const filesOf = (path: string): Map<string, Uint8Array> =>
  new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name))] as const));

/** The first test images as a net gets them, and their labels. */
const testImages = async () => {
  const { info, test: images } = await loadDataSet({
    name: "digits",
    directory: "./data",
    testLimit: IMAGES,
    parts: "test only",
  });
  const options = { batchSize: IMAGES, mode: "evaluate", seed: 1, workers: 0 } as const;
  const loader = createBatchLoader({ images, info, ...options });
  try {
    for await (const batch of loader.epoch(0)) return batch;
    throw new Error("no batch");
  } finally {
    await loader.close();
  }
};

describe("export --format tfjs", () => {
  test("writes a model that classifies the test images like the trained net", async () => {
    const run = await exported("--save", "model", "--json");
    expect(run.stderr).toBe("");
    const files = filesOf("model");
    const { bytes, float32Bytes, layout } = run.events[0] as {
      bytes: number;
      float32Bytes: number;
      layout: { part: string; storage: string; bytes: number }[];
    };
    expect([...files.values()].reduce((sum, { length }) => sum + length, 0)).toBe(bytes);
    expect(layout.map(({ part, storage }) => `${part} ${storage}`)).toContain(
      "quantized kernels uint8",
    );
    expect(bytes).toBeLessThan(float32Bytes / 2);
    const batch = await testImages();
    const [prediction] = await runInNode([{ name: "model", files, images: batch.images }]);
    const classes = Array.from({ length: batch.count }, (_, at) => {
      const logits = prediction?.logits.slice(10 * at, 10 * at + 10) ?? [];
      return logits.indexOf(Math.max(...logits));
    });
    const right = classes.filter((each, at) => each === batch.labels[at]).length;
    const evaluated = ["wqaq", "--evaluate", "--resume", "four.safetensors", ...DATA, "--json"];
    const accuracy = (await qprune(evaluated)).events[0]?.testAccuracy as number;
    // One image may lie on a quantizer's boundary.
    expect(Math.abs((100 * right) / batch.count - accuracy)).toBeLessThanOrEqual(100 / IMAGES);
  });

  test("reports what was written, its size, and further documentation", async () => {
    const { stdout } = await exported();
    expect(readdirSync("models_save/export/four_tfjs")).toContain("model.json");
    for (const text of ["quantized kernels", "uint8", "Verified: all", "docs/export-tfjs.md"])
      expect(stdout).toContain(text);
  });

  test("replaces an earlier export only with --force, and never anything else", async () => {
    const again = ["--save", "again/"];
    expect((await exported(...again)).code).toBe(0);
    const before = statSync("again/model.json").ino;
    const refused = await exported(...again);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("again already exists and would be overwritten");
    expect(statSync("again/model.json").ino).toBe(before);
    expect((await exported(...again, "--force")).code).toBe(0);
    expect(statSync("again/model.json").ino).not.toBe(before);
    writeFileSync("again/thesis.txt", "irreplaceable");
    const kept = await exported(...again, "--force");
    expect(kept.code).toBe(2);
    expect(kept.stderr).toContain("again would be replaced, but it contains thesis.txt");
    expect(readFileSync("again/thesis.txt", "utf8")).toBe("irreplaceable");
    mkdirSync("empty");
    expect((await exported("--save", "empty", "--force")).code).toBe(0);
    expect(readdirSync(".").filter((name) => name.startsWith(".qprune"))).toEqual([]);
  });

  test.each([
    [
      "a file in the place of the folder",
      ["--save", "four.safetensors", "--force"],
      /is not a folder/,
    ],
    ["a folder that is not there", ["--save", "no/model"], /folder of --save does not exist: no/],
    [
      "what only packed files have",
      ["--save", "x", "--edges", "int8"],
      /--edges is not an option of/,
    ],
  ])("%s is refused", async (_, flags, message) => {
    const run = await exported(...flags);
    expect(run.stderr).toMatch(message);
    expect(run.code).toBe(2);
  });
});
