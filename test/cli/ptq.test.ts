import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { readModel } from "../../src/checkpoint/read-model.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { planIntegers } from "../../src/integer/plan-integers.js";
import { graphOf } from "../../src/models/net-spec.js";
import type { Allocation } from "../../src/report/allocation/allocation.js";
import { digitPng } from "./digit-png.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-ptq-"));
const home = process.cwd();
const DATA = ["--dataset", "digits"];
const LIMITS = ["--train-limit", "600", "--test-limit", "200"];
const TEST = ["--test-limit", "200"];
const SHORT = ["--epochs", "1", "--max-steps", "12", "--settle-batches", "6"];
const NET = "net.safetensors";

interface PtqJson {
  readonly calibrationImages: number;
  readonly layers: readonly {
    readonly name: string;
    readonly weightBits: number;
    readonly inputBits: number;
    readonly ownDecibels: number | null;
    readonly decibels: number | null;
  }[];
  readonly tests: {
    readonly float: { accuracy: number };
    readonly quantized: { accuracy: number };
  };
}

beforeAll(async () => {
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  const train = ["prune", "--arch", "resnet20", "--width", "0.5", ...DATA, ...LIMITS, ...SHORT];
  expect((await qprune([...train, "--save", NET])).code).toBe(0);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const quantized = async (save: string, ...flags: string[]): Promise<PtqJson> => {
  const call = ["ptq", NET, "--calibration", "64", ...TEST, "--save", save, "--json", ...flags];
  const { code, stderr, events } = await qprune(call);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return events[0] as unknown as PtqJson;
};

test("quantizes a net to 8 bits, which keeps its accuracy and computes with integers", async () => {
  const { layers, calibrationImages, tests } = await quantized("w8a8.safetensors");
  expect(calibrationImages).toBe(64);
  expect(layers).toHaveLength(20);
  for (const { weightBits, inputBits, ownDecibels } of layers) {
    expect([weightBits, inputBits]).toEqual([8, 8]);
    expect(ownDecibels).toBeGreaterThan(20);
  }
  // 200 images: three of them may have two classes that are equally likely.
  expect(Math.abs(tests.quantized.accuracy - tests.float.accuracy)).toBeLessThanOrEqual(1.5);
  const file = await loadCheckpoint("w8a8.safetensors");
  if (!file.manifest) throw new Error("none");
  expect(planIntegers(readModel(file, graphOf(file.manifest.spec))).steps.length).toBeGreaterThan(
    20,
  );
});

test("the quantized file is read, exported and compared like any other", async () => {
  await quantized(
    "q.safetensors",
    "--wbits",
    "4",
    "--weight-scheme",
    "asymmetric",
    "--no-adaround",
  );
  const summary = await qprune(["summary", "q.safetensors"]);
  expect(summary.code).toBe(0);
  expect(summary.stdout).toMatch(/layer1.0.conv1 .* 4\/8 /);
  for (const format of ["packed", "onnx", "tfjs", "safetensors"]) {
    const save =
      format === "tfjs"
        ? "exported"
        : `exported.${format === "onnx" ? "onnx" : `${format}.safetensors`}`;
    const { code, stdout } = await qprune([
      "export",
      "q.safetensors",
      "--format",
      format,
      "--save",
      save,
      "--no-test",
    ]);
    expect(stdout).toContain("Verified");
    expect(code).toBe(0);
  }
  const compared = await qprune([
    "compare",
    "q.safetensors",
    "exported.packed.safetensors",
    ...TEST,
    "--json",
  ]);
  expect(compared.code).toBe(0);
  const agreement = JSON.stringify(compared.events[0]);
  expect(agreement).toContain('"agreement":100');
});

test("keeps layers in floats by name and by their signal to noise, and takes bits by layer from a file", async () => {
  writeFileSync("bits.json", JSON.stringify({ "layer2.*": "4/8", "layer3.*": "2/4" }));
  const { layers } = await quantized(
    "mixed.safetensors",
    ...["--layer-bits", "bits.json", "--keep-float", "layer1.*", "--no-adaround"],
  );
  const bits = new Map(
    layers.map(({ name, weightBits, inputBits }) => [name, [weightBits, inputBits]]),
  );
  expect(bits.get("conv1")).toEqual([8, 8]);
  expect(bits.get("layer1.0.conv1")).toEqual([32, 32]);
  expect(bits.get("layer2.0.conv2")).toEqual([4, 8]);
  expect(bits.get("layer3.2.conv1")).toEqual([2, 4]);
  expect(layers.find(({ name }) => name === "layer1.0.conv1")?.ownDecibels).toBeNull();
});

test("AdaRound is the default if any layer has fewer than 8 bits, wherever these come from", async () => {
  const few = ["--layer-bits", "layer2.*=4/8", "--adaround-steps", "20"];
  const byDefault = await quantized("few.safetensors", ...few);
  const explicit = ["--adaround", "--weight-range", "mse"];
  expect(byDefault.layers).toEqual(
    (await quantized("few.safetensors", ...few, ...explicit)).layers,
  );
  expect(byDefault.layers).not.toEqual(
    (await quantized("few.safetensors", ...few, "--no-adaround")).layers,
  );
});

test("calibrates with a folder of images without classes if nothing is tested", async () => {
  mkdirSync("photos");
  for (let number = 0; number < 20; number++)
    writeFileSync(join("photos", `${number}.png`), await digitPng(number));
  writeFileSync(join("photos", "notes.txt"), "no image");
  const call = ["ptq", NET, "--dataset", "images", "--data", "photos", "--calibration", "18"];
  const { code, stderr, events } = await qprune([...call, "--no-test", "--json"]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(events[0]).toMatchObject({ calibrationImages: 18 });
  const tested = await qprune(call);
  expect(tested.code).toBe(2);
  expect(tested.stderr).toContain(
    "photos contains images, but no folders of classes to test with.\n  hint: Switch --test off",
  );
});

test("training continues from a quantized net, with the ranges of its file", async () => {
  await quantized("start.safetensors", "--wbits", "4", "--no-adaround");
  const flags = [
    "--quantizer",
    "affine",
    "--Wbits",
    "4",
    "--Abits",
    "8",
    ...DATA,
    ...LIMITS,
    ...SHORT,
  ];
  const tuned = await qprune([
    "wqaq",
    "--refine",
    "start.safetensors",
    ...flags,
    "--lr",
    "0.0001",
    "--save",
    "tuned.safetensors",
  ]);
  expect(tuned.stderr).not.toContain("Error");
  expect(tuned.code).toBe(0);
  const merged = await qprune([
    "bn-merge",
    "--model",
    "tuned.safetensors",
    "--save",
    "merged.safetensors",
    "--no-test",
  ]);
  expect(merged.code).toBe(0);
  // Without norms, merging changes nothing.
  expect(merged.stdout).toContain("merge_success_rate: 100.00%");
});

test.each(["moving-average", "learned"])(
  "nets are trained with affine quantizers and %s ranges, and merged",
  async (ranges) => {
    const save = `${ranges}.safetensors`;
    const flags = ["--quantizer", "affine", "--ranges", ranges, "--Wbits", "4", "--Abits", "4"];
    const train = ["wqaq", "--refine", NET, ...flags, ...DATA, ...LIMITS, ...SHORT, "--save", save];
    expect((await qprune(train)).code).toBe(0);
    const { state } = await loadCheckpoint(save);
    const range = state.get("images/quantized.range");
    expect(range?.shape).toEqual([2]);
    const merged = `merged-${save}`;
    const merge = await qprune(["bn-merge", "--model", save, "--save", merged, "--no-test"]);
    expect(merge.code).toBe(0);
    // Random images; a norm that is folded rounds otherwise, and then some code differs.
    expect(merge.stdout).toMatch(/merge_success_rate: (9[0-9]|100)/);
    const file = await loadCheckpoint(merged);
    if (!file.manifest) throw new Error("none");
    expect(planIntegers(readModel(file, graphOf(file.manifest.spec))).steps.length).toBeGreaterThan(
      20,
    );
    expect(existsSync(merged)).toBe(true);
  },
);

test.each([
  [["ptq", "w8a8.safetensors"], "w8a8.safetensors has quantized weights or activations already."],
  [
    ["ptq", NET, "--keep-float", "layer9*"],
    "--keep-float names layer9*, which matches no layer of the net.",
  ],
  [
    ["ptq", NET, "--layer-bits", "conv1=1/8"],
    "--layer-bits gives conv1 1 bit, but affine quantizers have 2 to 8.",
  ],
  [["ptq", NET, "--wbits", "1"], "--wbits"],
  [["ptq", NET, "--percentile", "20"], "--percentile"],
  [["ptq", NET, "--data", "nowhere", "--dataset", "images"], "nowhere"],
  [["ptq", NET, "--dataset", "cifar10", "--data", "nowhere"], "nowhere"],
  [
    ["wqaq", "--quantizer", "lsq", "--ranges", "learned", ...DATA],
    "--ranges applies only to affine quantizers.",
  ],
  [
    ["wqaq", "--quantizer", "affine", "--Wbits", "1", ...DATA],
    "--quantizer affine needs 2 to 8 bits.",
  ],
])("refuses %j", async (call, message) => {
  const { code, stderr } = await qprune(call as string[]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("    at ");
});

test("bits are allocated within a budget, and quantizing takes them from the file", async () => {
  const call = ["allocate", NET, ...DATA, "--gradients", "64", "--images", "100"];
  const { code, events } = await qprune([
    ...call,
    ...[
      "--target-bytes",
      "40000",
      "--bits",
      "2,4,8",
      "--html",
      "bits.html",
      "--save",
      "allocated.json",
      "--json",
    ],
  ]);
  expect(code).toBe(0);
  const { chosen, uniform, layers } = events[0] as unknown as Allocation;
  expect(chosen.bytes).toBeLessThanOrEqual(40_000);
  const four = uniform.find(({ name }) => name === "4 bits");
  // The budget is a little more than the bytes of uniform 4 bits.
  expect(chosen.predictedLoss).toBeLessThan(four?.predictedLoss ?? 0);
  expect(new Set(chosen.bits).size).toBeGreaterThan(1);
  expect(readFileSync("bits.html", "utf8")).toContain("<svg");
  const rules = JSON.parse(readFileSync("allocated.json", "utf8")) as Record<string, string>;
  expect(Object.keys(rules)).toEqual(layers.map(({ name }) => name));
  const result = await quantized(
    "allocated.safetensors",
    "--layer-bits",
    "allocated.json",
    "--no-adaround",
  );
  expect(result.layers.map(({ weightBits }) => weightBits)).toEqual(chosen.bits);
});

test.each([
  [[], "There is no target to allocate bits for."],
  [
    ["--target-bytes", "1", "--target-bitops", "1"],
    "--target-bytes and --target-bitops are both targets.",
  ],
  [["--target-bytes", "10"], "--target-bytes 10 is less than the"],
  [["--target-bytes", "40000", "--bits", "1,2"], "affine weights have 2 to 8 bits"],
])("allocate refuses %j", async (flags, message) => {
  const few = ["--gradients", "8", "--images", "20"];
  const { code, stderr } = await qprune(["allocate", NET, ...DATA, ...few, ...flags]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
