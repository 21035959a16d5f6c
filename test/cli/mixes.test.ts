import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyCheckpoint } from "../../src/checkpoint/apply-checkpoint.js";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import { tf } from "../../src/tensor/tf.js";
import { createAdam } from "../../src/train/optimizers/adam.js";
import { trainingStep } from "../../src/train/training-step.js";
import { randomTensor } from "../random-tensor.js";
import { allMixes, type Mix, someMixes } from "./mixes.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-mixes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const at = (name: string): string => join(folder, name);
const DATA = ["--dataset", "digits", "--test-limit", "100"];
const BATCH = 30;

const train = ({ command, arch, flags }: Mix, save: string, ...more: string[]) =>
  qprune([
    command,
    ...DATA,
    "--train-limit",
    "100",
    "--arch",
    arch,
    "--width",
    "0.25",
    "--epochs",
    "1",
    ...flags,
    "--save",
    at(save),
    "--json",
    ...more,
  ]);

const accuracyOf = async (mix: Mix, file: string): Promise<unknown> => {
  const { events, code, stderr } = await qprune([
    mix.command,
    ...DATA,
    "--evaluate",
    "--resume",
    at(file),
    "--json",
  ]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return events[0]?.testAccuracy;
};

const mixes = process.env.QPRUNE_LONG_TESTS ? allMixes : someMixes;

test("the mixes cover every kind of weights and of activations on both nets", () => {
  expect(someMixes).toHaveLength(12);
  expect(new Set(someMixes.map(({ arch, flags }) => `${arch} ${flags.slice(0, 2)}`)).size).toBe(12);
  expect(new Set(someMixes.map(({ arch, flags }) => `${arch} ${flags.slice(2)}`)).size).toBe(12);
});

describe.each(mixes)("$command $arch $flags", (mix) => {
  test("is saved and evaluates to the same accuracy, twice", async () => {
    const { code, events, stderr } = await train(mix, "mix.safetensors");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const saved = events.find(({ event }) => event === "epoch")?.testAccuracy;
    expect(await accuracyOf(mix, "mix.safetensors")).toBe(saved);
    expect(await accuracyOf(mix, "mix.safetensors")).toBe(saved);
  });

  test("the loss on one repeated batch falls within 30 steps", async () => {
    const { manifest } = await loadCheckpoint(at("mix.safetensors"));
    if (!manifest) throw new Error("no manifest");
    const net = buildNet(manifest.spec, { seed: 2, gammaStart: "ones" });
    const adam = createAdam(net.parameters);
    const images = randomTensor([BATCH, 32, 32, 3], 1);
    // One class a shade, so that there is something to learn for the coarsest of nets.
    const labels = Int32Array.from({ length: BATCH }, (_, image) => image % 10);
    const values = (images.dataSync() as Float32Array).map(
      (value, pixel) =>
        value * 0.3 + Math.sin((labels[Math.floor(pixel / 3072)] as number) * 7 + (pixel % 3) * 2),
    );
    images.dispose();
    const step = () =>
      trainingStep(
        net,
        adam,
        { images: values, labels, count: BATCH },
        { learningRate: 0.01, weightDecay: 0 },
      );
    const losses = Array.from({ length: 30 }, step);
    adam.dispose();
    net.dispose();
    expect(Math.min(...losses.slice(-5))).toBeLessThan(0.9 * (losses[0] as number));
  });
});

describe("a hysteresis band", () => {
  const gap: Mix = { command: "wbwtab", arch: "nin", flags: ["--W", "3", "--gap", "--A", "32"] };

  test("stores its state in the file, which determines the weights", async () => {
    await train(gap, "gap.safetensors");
    const checkpoint = await loadCheckpoint(at("gap.safetensors"));
    const { manifest } = checkpoint;
    expect(manifest?.spec.quantization.weights).toEqual({
      kind: "ternary",
      hasAlpha: false,
      gapRatio: 0.8,
    });
    expect(Object.keys(manifest?.ternaryCodes ?? {})).toHaveLength(7);
    expect(await accuracyOf(gap, "gap.safetensors")).toBe(manifest?.accuracy);
    if (!manifest) throw new Error("no manifest");
    const net = buildNet(manifest.spec, { seed: 1, gammaStart: "ones" });
    const before = tf.memory().numTensors;
    applyCheckpoint(net, checkpoint);
    expect(
      net.codes.every(({ codes }) => codes?.dataSync().every((code) => [-1, 0, 1].includes(code))),
    ).toBe(true);
    expect(tf.memory().numTensors - before).toBe(net.codes.length);
    net.dispose();
  });

  test("scales weights only with --alpha", async () => {
    await train(gap, "gap-alpha.safetensors", "--alpha", "--max-steps", "1");
    const { manifest } = await loadCheckpoint(at("gap-alpha.safetensors"));
    expect(manifest?.spec.quantization.weights).toMatchObject({ hasAlpha: true, gapRatio: 0.8 });
  });
});

describe("the flags of wbwtab", () => {
  const small = (...flags: string[]): Mix => ({ command: "wbwtab", arch: "nin", flags });
  const specOf = async (...flags: string[]) => {
    const { code, stderr } = await train(small(...flags), "flags.safetensors", "--max-steps", "1");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return (await loadCheckpoint(at("flags.safetensors"))).manifest?.spec;
  };

  test("are binary weights and activations by default, under the sequence tnn_bin", async () => {
    const spec = await specOf();
    expect(spec).toHaveProperty("sequence", "tnn_bin");
    expect(spec?.quantization).toEqual({
      weights: { kind: "binary", hasAlpha: true },
      activations: { kind: "binary", values: "sign", straightThrough: "saturate" },
    });
  });

  test("set alpha, gradient estimator, values and the momentum of batch norm", async () => {
    const spec = await specOf(
      "--no-alpha",
      "--ste",
      "soft_ste",
      "--binary-values",
      "zero-one",
      "--bn-momentum",
      "0.8",
    );
    expect(spec?.quantization).toEqual({
      weights: { kind: "binary", hasAlpha: false },
      activations: { kind: "binary", values: "zero-one", straightThrough: "soft" },
    });
    expect(spec).toMatchObject({ norm: { newStatWeight: 0.1, blockNewStatWeight: 0.8 } });
  });

  test("keep inner gammas at 1 with --fixed-gamma and train the others", async () => {
    await specOf("--fixed-gamma");
    const { state } = await loadCheckpoint(at("flags.safetensors"));
    const gamma = (name: string) => [
      ...new Float32Array(Uint8Array.from(state.get(name)?.data ?? []).buffer),
    ];
    for (const block of [2, 3, 5, 6, 7, 9, 10])
      expect(gamma(`tnn_bin.${block}.bn.weight`).every((value) => value === 1)).toBe(true);
    for (const norm of [1, 12])
      expect(gamma(`tnn_bin.${norm}.weight`).every((value) => value === 1)).toBe(false);
  });

  test("train nin_bn_conv, whose saved file has the same accuracy", async () => {
    const argv = [
      "--arch",
      "nin_bn_conv",
      "--width",
      "0.125",
      "--epochs",
      "1",
      "--train-limit",
      "100",
      "--save",
      at("bacp.safetensors"),
      "--json",
    ];
    const { code, events } = await qprune(["wbwtab", ...DATA, ...argv]);
    expect(code).toBe(0);
    expect(await accuracyOf(small(), "bacp.safetensors")).toBe(
      events.find(({ event }) => event === "epoch")?.testAccuracy,
    );
  });
});

describe("a file can be used by all commands", () => {
  test("with its weights, under different state-dict prefixes", async () => {
    await train(
      { command: "wbwtab", arch: "nin_gc", flags: ["--W", "3", "--A", "32"] },
      "from.safetensors",
    );
    const { code } = await qprune([
      "wqaq",
      ...DATA,
      "--train-limit",
      "100",
      "--refine",
      at("from.safetensors"),
      "--Wbits",
      "4",
      "--Abits",
      "4",
      "--epochs",
      "1",
      "--max-steps",
      "0",
      "--save",
      at("to.safetensors"),
      "--quiet",
    ]);
    expect(code).toBe(0);
    const [from, to] = [
      await loadCheckpoint(at("from.safetensors")),
      await loadCheckpoint(at("to.safetensors")),
    ];
    expect(to.net.chain?.sequence).toBe("dorefa");
    const bytes = (name: string, { state }: typeof from) =>
      Buffer.from(state.get(name)?.data ?? []);
    expect(bytes("dorefa.2.conv.weight", to).equals(bytes("tnn_bin.2.conv.weight", from))).toBe(
      true,
    );
  });
});

describe("a wrong call is refused:", () => {
  beforeAll(async () => {
    await qprune([
      "wqaq",
      ...DATA,
      "--train-limit",
      "50",
      "--arch",
      "nin",
      "--width",
      "0.125",
      "--max-steps",
      "0",
      "--save",
      at("nin.safetensors"),
      "--quiet",
    ]);
  });
  const nin = at("nin.safetensors");

  test.each([
    [["wbwtab", "--W", "4"], /--W 4: expected 2, 3 or 32 as --W \(for 4 bits, use --Wbits 4\)/],
    [["wbwtab", "--W", "3", "--Wbits", "4"], /--W and --Wbits both set/],
    [["wqaq", "--A", "2", "--Abits", "4"], /--A and --Abits both set/],
    [["wbwtab", "--gap"], /--gap applies only to ternary weights/],
    [["wbwtab", "--W", "3", "--gap", "1.5"], /--gap 1.5: expected a fraction between 0 and 1/],
    [["wqaq", "--ste", "soft_ste"], /--ste applies only to binary and ternary activations/],
    [
      ["wqaq", "--A", "3", "--binary-values", "sign"],
      /--binary-values applies only to binary activations/,
    ],
    [["wqaq", "--no-alpha"], /--alpha applies only to/],
    [["wbwtab", "--bn-momentum", "2"], /--bn-momentum 2: expected a number from 0 to 1/],
    [
      ["wbwtab", "--dataset", "digits", "--arch", "nin_bn_conv", "--A", "32"],
      /nin_bn_conv needs binary activations/,
    ],
    [
      ["wbwtab", "--dataset", "digits", "--arch", "nin_bn_conv", "--refine", nin],
      /--arch is nin_bn_conv, which contradicts[\s\S]*different sides of the convolutions/,
    ],
    [["wbwtab", "--dataset", "digits", "--resume", nin, "--W", "3"], /--W asks for .*contradicts/],
  ] as [string[], RegExp][])("%j", async (argv, message) => {
    const { code, stderr, stdout } = await qprune(argv);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("hint:");
    expect(readFileSync(nin).length).toBeGreaterThan(0);
  });
});
