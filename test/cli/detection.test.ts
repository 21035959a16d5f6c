import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { boxLayoutOf } from "../../src/graph/box-output.js";
import { graphOf } from "../../src/models/net-spec.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-detection-"));
const home = process.cwd();
const NET = "net.safetensors";
const DATA = ["--dataset", "digits-detection", "--image-size", "64", "--num_workers", "0"];
const LIMITS = ["--train-limit", "24", "--test-limit", "4"];
const TEST = ["--test-limit", "4", "--num_workers", "0"];
const STEPS = ["--train_batch_size", "8", "--optimizer", "adamw", "--lr", "0.01"];

const done = async (...argv: string[]) => {
  const run = await qprune(argv);
  expect(run.stderr).not.toContain("error");
  expect(run.code, run.stderr).toBe(0);
  return run;
};

const classesOf = async (file: string): Promise<number | undefined> => {
  const { manifest } = await loadCheckpoint(file);
  return manifest && boxLayoutOf(graphOf(manifest.spec))?.classes;
};

beforeAll(async () => {
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  const net = ["--arch", "detector_resnet20", "--width", "0.125"];
  const run = await qprune([
    ...["prune", ...net, ...DATA, ...LIMITS, ...STEPS, "--epochs", "4", "--mosaic", "0.3"],
    ...["--json", "--save", NET],
  ]);
  expect(run.code, run.stderr).toBe(0);
  const epochs = run.events.filter(({ event }) => event === "epoch");
  expect(epochs).toHaveLength(4);
  // Precisions are recorded next to the loss, which falls.
  expect(epochs[0]).toHaveProperty("testPrecisions.at50");
  expect(Number(epochs[3]?.trainLoss)).toBeLessThan(0.97 * Number(epochs[0]?.trainLoss));
}, 240_000);
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

test("a detector records its boxes and classes, and prints precisions when it is tested", async () => {
  expect(await classesOf(NET)).toBe(10);
  const { stdout } = await done("prune", "--evaluate", "--resume", NET, ...TEST);
  expect(stdout).toMatch(/mAP@0.5: \d+\.\d\d%, mAP@\[0.5:0.95\]: \d+\.\d\d%, \d\/4 images without/);
});

test("channels are pruned, but none of the outputs", async () => {
  const call = ["--model", NET, "--importance", "l1", "--target-macs", "0.5", ...TEST];
  await done("prune-channels", ...call, "--save", "pruned.safetensors");
  expect(await classesOf("pruned.safetensors")).toBe(10);
  const [before, after] = await Promise.all(
    [NET, "pruned.safetensors"].map((file) => loadCheckpoint(file)),
  );
  const size = (file: typeof before) =>
    [...(file?.state.values() ?? [])].reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
  expect(size(after)).toBeLessThan(size(before));
  const resumed = ["--refine", "pruned.safetensors", ...DATA, ...LIMITS, ...STEPS];
  await done("prune", ...resumed, "--epochs", "1", "--save", "refined.safetensors");
  expect(await classesOf("refined.safetensors")).toBe(10);
});

describe("quantized detectors", () => {
  const train = ["--refine", NET, ...DATA, ...LIMITS, ...STEPS, "--epochs", "1"];

  test.each([
    ["w8a8", ["wqaq", "--Wbits", "8", "--Abits", "8", "--quantizer", "lsq"]],
    ["w4a4", ["wqaq", "--Wbits", "4", "--Abits", "4"]],
    ["ternary", ["wbwtab", "--W", "3", "--Abits", "4"]],
  ])("are trained: %s", async (name, [command = "", ...flags]) => {
    await done(command, ...flags, ...train, "--save", `${name}.safetensors`);
    expect(await classesOf(`${name}.safetensors`)).toBe(10);
  });

  // Calibration draws all training scenes.
  test.runIf(process.env.QPRUNE_LONG_TESTS)(
    "are quantized after training with few changes of the outputs",
    async () => {
      const call = [NET, "--calibration", "8", ...TEST, "--save", "ptq.safetensors", "--json"];
      const { events } = await done("ptq", ...call);
      const [result] = events as { tests?: Record<"float" | "quantized", { loss: number }> }[];
      const { float, quantized } = result?.tests ?? {};
      expect(quantized?.loss).toBeGreaterThan(0);
      // 8 bits change the loss of a net after 12 steps by a few percent.
      expect(Math.abs((quantized?.loss ?? 0) / (float?.loss ?? 1) - 1)).toBeLessThan(0.1);
    },
  );

  test("have their norms folded, and compute the same", async () => {
    await done("merge", "--model", "w8a8.safetensors", "--save", "merged.safetensors", ...TEST);
    const call = ["compare", "w8a8.safetensors", "merged.safetensors", ...TEST, "--json"];
    const { events } = await done(...call);
    const [{ nets }] = events as unknown as [
      { nets: { test: { loss: number; agreement: number } }[] },
    ];
    expect(nets[1]?.test.agreement).toBe(100);
    expect(nets[1]?.test.loss).toBeCloseTo(nets[0]?.test.loss ?? 0, 3);
  });

  test.each([
    ["onnx", "net.onnx"],
    ["tflite", "net.tflite"],
    ["tfjs", "net-tfjs"],
    ["packed", "packed.safetensors"],
    ["web", "net-web"],
  ])("are exported: %s", async (format, file) => {
    const { stdout } = await done(
      ...["export", "w8a8.safetensors", "--format", format, "--save", file, ...TEST],
    );
    expect(stdout).toContain("Verified");
    expect(existsSync(file)).toBe(true);
  });
});

test("the runtime finds the same objects as the engine, and they are drawn into a PNG", async () => {
  const images = ["digits:0", "digits:3"];
  const call = ["predict", "packed.safetensors", ...images, "--json"];
  const [runtime, native] = [
    await done(...call, "--engine", "runtime", "--save", "boxes"),
    await done(...call, "--engine", "native"),
  ];
  expect(runtime.events).toHaveLength(2);
  expect(runtime.events).toEqual(
    native.events.map(({ image, objects }) => ({
      image,
      objects: (objects as object[]).map((object) => expect.objectContaining(object) && object),
    })),
  );
  const png = readFileSync("boxes/digits-0.png");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([384, 384]);
});

describe("what does not fit is refused", () => {
  const refused = async (...argv: string[]) => {
    const { code, stderr } = await qprune(argv);
    expect(code).toBe(2);
    return stderr;
  };

  test("a detector on images with labels, and a classifier on images with boxes", async () => {
    const detector = ["prune", "--arch", "detector_resnet20", "--dataset", "digits"];
    expect(await refused(...detector, "--image-size", "64")).toContain("have only labels");
    const classifier = ["prune", "--arch", "resnet20", ...DATA, ...LIMITS];
    expect(await refused(...classifier)).toContain("boxes around objects");
  });

  test("options that are for classifiers or for detectors", async () => {
    const detector = ["prune", "--arch", "detector_resnet20", ...DATA, ...LIMITS];
    expect(await refused(...detector, "--mixup", "0.2")).toContain("--mixup is for classifiers");
    const classifier = ["prune", "--arch", "resnet20", "--dataset", "digits", "--train-limit", "9"];
    expect(await refused(...classifier, "--mosaic", "1")).toContain("--mosaic is for detectors");
  });
});
