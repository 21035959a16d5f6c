import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { encodeNetFile } from "../../src/checkpoint/net-files/encode-net-file.js";
import { netState } from "../../src/checkpoint/tensors/net-state.js";
import { DIGITS_FOLDER, DIGITS_INFO, readDigits } from "../../src/data/digits.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { graphArchitecture } from "../../src/models/architecture.js";
import { buildNet } from "../../src/models/build-net.js";
import { specOfGraph } from "../../src/models/net-spec.js";
import { drawClasses } from "../data/image-folders/draw-images.js";
import { digitPng } from "./digit-png.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-image-size-"));
const at = (name: string): string => join(folder, name);
const cacheBefore = process.env.XDG_CACHE_HOME;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  // Only decoded images go there: the engine is loaded.
  process.env.XDG_CACHE_HOME = at("cache");
});
afterAll(() => {
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheBefore;
  rmSync(folder, { recursive: true, force: true });
});

const IMAGES = 20;

/** Trains for a few steps, and returns the loss of the last test. */
const train = async (save: string, ...more: string[]): Promise<number> => {
  const limits = ["--train-limit", "40", "--test-limit", String(IMAGES), "--epochs", "1"];
  const run = await qprune([
    ...["wqaq", ...limits, "--train_batch_size", "10", "--lr-drops", "none", "--json"],
    ...["--save", at(save), ...more],
  ]);
  expect(run.code, run.stderr).toBe(0);
  return run.events.filter(({ event }) => event === "epoch").at(-1)?.testLoss as number;
};

/** The loss on the first test digits by the probabilities that `predict` prints. */
const predictedLoss = async (file: string): Promise<number> => {
  const names = Array.from({ length: IMAGES }, (_, number) => `digits:${number}`);
  const { events } = await qprune(["predict", at(file), ...names, "--json", "--top", "10"]);
  const { labels } = await readDigits(DIGITS_FOLDER, "t10k", IMAGES);
  const losses = events.map(({ predictions }, image) => {
    const all = predictions as { index: number; probability: number }[];
    return -Math.log(all.find(({ index }) => index === labels[image])?.probability ?? 0);
  });
  expect(losses.length).toBe(IMAGES);
  return losses.reduce((sum, loss) => sum + loss, 0) / IMAGES;
};

const evaluatedLoss = async (file: string, ...more: string[]): Promise<unknown> => {
  const { events } = await qprune([
    ...["wqaq", "--refine", at(file), "--evaluate", "--test-limit", String(IMAGES), "--json"],
    ...more,
  ]);
  return events.at(-1)?.testLoss;
};

const dataSetOf = async (file: string) => (await loadCheckpoint(at(file))).manifest?.dataSet;

describe("digits at another size", () => {
  test("are what the net is trained on, tested on and predicts", async () => {
    const digits = ["--dataset", "digits", "--width", "0.125"];
    const loss = await train("small.safetensors", ...digits, "--image-size", "24");
    const info = await dataSetOf("small.safetensors");
    expect(info).toMatchObject({ name: "digits", height: 24, augmentation: { cropPadding: 2 } });
    expect(await evaluatedLoss("small.safetensors")).toBeCloseTo(loss, 5);
    expect(await predictedLoss("small.safetensors")).toBeCloseTo(loss, 4);
  });

  test("are predicted alike from image files", async () => {
    writeFileSync(at("7.png"), await digitPng(7));
    const names = [at("7.png"), "digits:7"];
    const { events } = await qprune(["predict", at("small.safetensors"), ...names, "--json"]);
    const [file, own] = events.map(({ predictions }) => predictions as { probability: number }[]);
    expect(file?.length).toBe(5);
    file?.forEach(({ probability }, place) => {
      // Positions in a batch may be summed in another order.
      expect(probability).toBeCloseTo(own?.[place]?.probability ?? 0, 6);
    });
  });

  test("at their own size leave the file as it was", async () => {
    const digits = ["--dataset", "digits", "--width", "0.125"];
    await train("own.safetensors", ...digits, "--image-size", "32");
    expect(await dataSetOf("own.safetensors")).toEqual(DIGITS_INFO);
  });
});

describe("refining published weights", () => {
  beforeAll(() => {
    const image = { height: 32, width: 32, channels: 3 };
    const quantization = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
    const graph = graphArchitecture("resnet20").build({ classes: 10, image });
    const spec = specOfGraph({ arch: "resnet20", graph, quantization, form: "trainable" });
    const net = buildNet(spec, { seed: 5, gammaStart: "ones" });
    const file = { tensors: netState(net), metadata: {} };
    writeFileSync(at("published.pth"), Buffer.concat(encodeNetFile("pth", file)));
    net.dispose();
  });
  const MEAN = [0.485, 0.456, 0.406];
  const refine = ["--refine", "published.pth", "--Wbits", "4", "--Abits", "4"].map((each) =>
    each.endsWith(".pth") ? at(each) : each,
  );

  test("normalizes a data set with the mean and deviation of the weights", async () => {
    const loss = await train("refined.safetensors", ...refine, "--dataset", "digits");
    const info = await dataSetOf("refined.safetensors");
    expect(info).toMatchObject({ name: "digits", mean: MEAN, evaluation: { resizedSide: 32 } });
    expect(await evaluatedLoss("refined.safetensors")).toBeCloseTo(loss, 5);
    expect(await predictedLoss("refined.safetensors")).toBeCloseTo(loss, 4);
  });

  test("keeps them when the file is refined again", async () => {
    const again = ["--refine", at("refined.safetensors"), "--dataset", "digits"];
    await train("again.safetensors", ...again, "--image-size", "24");
    expect(await dataSetOf("again.safetensors")).toMatchObject({ mean: MEAN, height: 24 });
  });

  test("keeps the image size of the file unless another is given", async () => {
    const from24 = ["--refine", at("again.safetensors"), "--dataset", "digits"];
    await train("kept.safetensors", ...from24);
    expect(await dataSetOf("kept.safetensors")).toMatchObject({ height: 24, width: 24 });
    await train("larger.safetensors", ...from24, "--image-size", "32");
    expect(await dataSetOf("larger.safetensors")).toMatchObject({ height: 32, width: 32 });
  });

  test("prepares image folders as for the weights, and resumes with the same images", async () => {
    await drawClasses(at("photos/train"), 8);
    await drawClasses(at("photos/val"), 4);
    const photos = ["--data", at("photos"), "--image-size", "40"];
    const loss = await train("photos.safetensors", ...refine, ...photos);
    const info = await dataSetOf("photos.safetensors");
    const evaluation = { resizedSide: 40, interpolation: "bilinear" };
    expect(info).toMatchObject({ name: "images", mean: MEAN, height: 40, evaluation });
    const tested = await evaluatedLoss("photos.safetensors", "--data", at("photos"));
    expect(tested).toBeCloseTo(loss, 5);
    const resumed = await qprune([
      "wqaq",
      "--resume",
      at("photos.state.safetensors"),
      "--epochs",
      "2",
    ]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(await dataSetOf("photos.safetensors")).toEqual(info);
  });

  test("tests the weights with their own preparation", async () => {
    const float = ["--Wbits", "32", "--Abits", "32"];
    const loss = await evaluatedLoss("published.pth", "--dataset", "digits", ...float);
    expect(await predictedLoss("published.pth")).toBeCloseTo(loss as number, 4);
  });
});
