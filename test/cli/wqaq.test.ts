import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { tf } from "../../src/tensor/tf.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-wqaq-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const at = (name: string): string => join(folder, name);
/** A net and a data set small enough for seconds. */
const SMALL = [
  "--dataset",
  "digits",
  "--width",
  "0.125",
  "--train-limit",
  "200",
  "--test-limit",
  "100",
  "--lr-drops",
  "none",
];
const train = (save: string, ...more: string[]) =>
  qprune([
    "wqaq",
    ...SMALL,
    "--epochs",
    "1",
    "--json",
    "--log-every",
    "1",
    "--save",
    at(save),
    ...more,
  ]);

describe("training", () => {
  test("prints every step and epoch as JSON, and saves a checkpoint with a manifest", async () => {
    const { code, events } = await train(
      "a.safetensors",
      "--arch",
      "nin",
      "--Wbits",
      "4",
      "--Abits",
      "2",
    );
    expect(code).toBe(0);
    const kinds = events.map(({ event }) => event);
    expect(kinds).toEqual(["step", "step", "step", "step", "epoch", "done"]);
    expect(events[0]).toEqual({
      event: "step",
      epoch: 1,
      step: 1,
      loss: expect.any(Number),
      imagesPerSecond: expect.any(Number),
    });
    expect(Object.keys(events[4] ?? {})).toEqual([
      "event",
      "epoch",
      "trainLoss",
      "trainAccuracy",
      "testLoss",
      "testAccuracy",
      "bestAccuracy",
      "seconds",
    ]);
    expect(events[5]).toMatchObject({
      file: at("a.safetensors"),
      bestAccuracy: events[4]?.bestAccuracy,
    });
    const { manifest, net } = await loadCheckpoint(at("a.safetensors"));
    expect(net).toMatchObject({ arch: "nin", chain: { sequence: "dorefa" }, classes: 10 });
    expect(manifest).toMatchObject({
      isFinished: true,
      epoch: 1,
      accuracy: events[4]?.testAccuracy,
    });
    expect(manifest?.spec.quantization).toEqual({
      weights: { kind: "dorefa", bits: 4 },
      activations: { kind: "dorefa", bits: 2, scale: 0.1 },
    });
  });

  test("gives bit-identical losses for a seed, with any number of workers", async () => {
    const losses = async (...more: string[]) =>
      (await train("b.safetensors", "--arch", "nin_gc", "--num_workers", "0", ...more)).events
        .filter(({ event }) => event !== "done")
        .map(({ loss, trainLoss, testLoss }) => [loss, trainLoss, testLoss]);
    const first = await losses();
    expect(await losses("--num_workers", "2")).toEqual(first);
    expect(await losses("--seed", "2")).not.toEqual(first);
  });

  test("leaks no tensors", async () => {
    const before = tf.memory().numTensors;
    await train("c.safetensors", "--arch", "nin");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("prints the lines of the reference scripts without a terminal", async () => {
    const { stdout, stderr } = await qprune([
      "wqaq",
      ...SMALL,
      "--arch",
      "nin",
      "--epochs",
      "1",
      "--log-every",
      "2",
      "--save",
      at("d.safetensors"),
    ]);
    expect(stderr).toMatch(/^Train Epoch: 1 \[0\/200 \(0%\)\]\tLoss: \d\.\d{6}\tLR: 0\.01$/m);
    expect(stderr).toMatch(/^Train Epoch: 1 \[100\/200 \(50%\)\]/m);
    expect(stdout).toMatch(
      /^Test set: Average loss: \d+\.\d{4}, Accuracy: \d+\/100 \(\d+\.\d\d%\)$/m,
    );
    expect(stdout).toMatch(/^Best Accuracy: \d+\.\d\d%$/m);
  });

  test("accepts every flag in kebab-case and snake_case", async () => {
    const { code, events } = await train(
      "e.safetensors",
      "--arch=nin",
      "--w-bits=3",
      "--a-bits",
      "5",
      "--train-batch-size",
      "100",
      "--eval-batch-size=50",
      "--num-workers",
      "1",
      "--max_steps",
      "1",
    );
    expect(code).toBe(0);
    expect(events.filter(({ event }) => event === "step")).toHaveLength(1);
    const { manifest } = await loadCheckpoint(at("e.safetensors"));
    expect(manifest?.spec.quantization.weights).toEqual({ kind: "dorefa", bits: 3 });
  });

  test("with --max-steps 0 only tests and saves", async () => {
    const { code, events } = await train("f.safetensors", "--arch", "nin", "--max-steps", "0");
    expect(code).toBe(0);
    expect(events.map(({ event }) => event)).toEqual(["epoch", "done"]);
    expect(existsSync(at("f.safetensors"))).toBe(true);
  });

  test("keeps the files of an earlier finished run", async () => {
    const run = (seed: string) =>
      train("g.safetensors", "--arch", "nin", "--max-steps", "0", "--seed", seed);
    await run("1");
    const first = readFileSync(at("g.safetensors"));
    await run("2");
    expect(readFileSync(at("g.safetensors.previous")).equals(first)).toBe(true);
    const second = readFileSync(at("g.safetensors"));
    await run("3");
    expect(readFileSync(at("g.safetensors.previous")).equals(second)).toBe(true);
  });

  test("never overwrites its own input, even under the name of a kept file", async () => {
    await train("own.safetensors", "--arch", "nin", "--max-steps", "0", "--seed", "1");
    await train("own.safetensors", "--arch", "nin", "--max-steps", "0", "--seed", "2");
    const before = readFileSync(at("own.safetensors.previous"));
    const { code, stderr } = await qprune([
      ...["wqaq", "--dataset", "digits", "--train-limit", "50", "--test-limit", "50"],
      ...["--resume", at("own.safetensors.previous"), "--save", at("own.safetensors")],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is an input and would be overwritten/);
    expect(readFileSync(at("own.safetensors.previous")).equals(before)).toBe(true);
  });

  test("interrupted before its first evaluation keeps the files of an earlier unfinished run", async () => {
    const stop = (milliseconds: number) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), milliseconds);
      return controller.signal;
    };
    const argv = [
      "wqaq",
      ...SMALL,
      "--arch",
      "nin",
      "--epochs",
      "50",
      "--save",
      at("j.safetensors"),
    ];
    await qprune(argv, stop(300));
    const first = readFileSync(at("j.safetensors"));
    const { stderr } = await qprune(argv, stop(300));
    expect(stderr).toContain("Interrupted");
    expect(stderr).toContain(
      `j.safetensors is from an unfinished run. It is kept as ${at("j.safetensors.interrupted")} and ${at("j.state.safetensors.previous")}; --resume auto would resume it.`,
    );
    expect(readFileSync(at("j.safetensors.interrupted")).equals(first)).toBe(true);
  });

  test("interrupted by the user finishes the step, saves a file and exits with 130", async () => {
    const stop = new AbortController();
    const running = qprune(
      ["wqaq", ...SMALL, "--arch", "nin", "--epochs", "50", "--save", at("h.safetensors")],
      stop.signal,
    );
    setTimeout(() => stop.abort(), 300);
    const { code, stderr } = await running;
    expect(code).toBe(130);
    expect(stderr).toContain("Interrupted");
    const { manifest } = await loadCheckpoint(at("h.safetensors"));
    expect(manifest?.isFinished).toBe(false);
  });

  test("fails if the loss is no longer finite, and keeps the earlier file", async () => {
    await train("i.safetensors", "--arch", "nin", "--max-steps", "0");
    const before = readFileSync(at("i.safetensors"));
    const { code, stderr } = await train(
      "i.safetensors",
      "--arch",
      "nin",
      "--Wbits",
      "32",
      "--Abits",
      "32",
      "--lr",
      "1e37",
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/The loss became \S+ in epoch 1.*diverged/);
    expect(readFileSync(at("i.safetensors")).equals(before)).toBe(true);
  });
});

describe("a given file", () => {
  beforeAll(async () => {
    await qprune([
      "wqaq",
      "--dataset",
      "digits",
      "--train-limit",
      "200",
      "--test-limit",
      "100",
      "--arch",
      "nin",
      "--cfg",
      "10,12,8,8,8,8,8,6",
      "--epochs",
      "1",
      "--Wbits",
      "4",
      "--Abits",
      "4",
      "--save",
      at("trained.safetensors"),
      "--quiet",
    ]);
  });

  const evaluate = (...more: string[]) =>
    qprune(["wqaq", "--dataset", "digits", "--test-limit", "100", "--evaluate", "--json", ...more]);

  test("is evaluated to the accuracy that it was saved with, which writes nothing", async () => {
    const before = readFileSync(at("trained.safetensors"));
    const { manifest } = await loadCheckpoint(at("trained.safetensors"));
    for (const flag of ["--resume", "--refine"]) {
      const { code, events } = await evaluate(flag, at("trained.safetensors"));
      expect(code).toBe(0);
      expect(events[0]).toMatchObject({
        event: "evaluation",
        testAccuracy: manifest?.accuracy,
        images: 100,
      });
    }
    expect(readFileSync(at("trained.safetensors")).equals(before)).toBe(true);
  });

  test("determines architecture and widths, whatever the default is", async () => {
    const refined = await qprune([
      "wqaq",
      "--dataset",
      "digits",
      "--train-limit",
      "100",
      "--test-limit",
      "100",
      "--refine",
      at("trained.safetensors"),
      "--Wbits",
      "2",
      "--epochs",
      "1",
      "--max-steps",
      "1",
      "--save",
      at("refined.safetensors"),
      "--quiet",
    ]);
    expect(refined.code).toBe(0);
    const { net, manifest } = await loadCheckpoint(at("refined.safetensors"));
    expect(net).toMatchObject({ arch: "nin", chain: { widths: [10, 12, 8, 8, 8, 8, 8, 6] } });
    expect(manifest?.spec.quantization).toMatchObject({
      weights: { bits: 2 },
      activations: { bits: 8 },
    });
  });

  test("keeps its quantization and its best accuracy when resumed", async () => {
    const { manifest } = await loadCheckpoint(at("trained.safetensors"));
    const { code, events } = await qprune([
      "wqaq",
      "--dataset",
      "digits",
      "--train-limit",
      "100",
      "--test-limit",
      "100",
      "--resume",
      at("trained.safetensors"),
      "--epochs",
      "1",
      "--max-steps",
      "0",
      "--save",
      at("resumed.safetensors"),
      "--json",
    ]);
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: "done", bestAccuracy: manifest?.accuracy });
    const resumed = await loadCheckpoint(at("resumed.safetensors"));
    expect(resumed.manifest?.spec.quantization.weights).toEqual({ kind: "dorefa", bits: 4 });
  });

  test.each([
    [["--arch", "nin_gc"], /--arch is nin_gc, which contradicts .*trained/],
    [["--cfg", "8,8,8,8,8,8,8,8"], /--cfg is .*contradicts/],
    [["--width", "0.5"], /--width .*contradicts/],
    [["--Wbits", "8"], /--Wbits asks for .*contradicts/],
  ])("refuses %j, which contradicts it", async (flags, message) => {
    const { code, stderr } = await evaluate("--resume", at("trained.safetensors"), ...flags);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("hint:");
  });

  test("is overwritten only with --force", async () => {
    const again = [
      "wqaq",
      "--dataset",
      "digits",
      "--train-limit",
      "100",
      "--test-limit",
      "100",
      "--refine",
      at("trained.safetensors"),
      "--save",
      at("trained.safetensors"),
      "--epochs",
      "1",
      "--max-steps",
      "0",
      "--quiet",
    ];
    const before = readFileSync(at("trained.safetensors"));
    const refused = await qprune(again);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/is an input and would be overwritten/);
    expect(readFileSync(at("trained.safetensors")).equals(before)).toBe(true);
    expect((await qprune([...again, "--force"])).code).toBe(0);
  });
});
