import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { graphCost } from "../../src/graph/cost.js";
import { weightedNodes } from "../../src/graph/stored-form.js";
import { graphOf } from "../../src/models/net-spec.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-prune-graph-"));
const home = process.cwd();
const DATA = ["--dataset", "digits", "--train-limit", "100", "--test-limit", "60"];
const TRAIN = [...DATA, "--width", "0.5", "--epochs", "1", "--max-steps", "2", "--json"];
const MODEL = "models_save/prune/resnet20_preprune.safetensors";

beforeAll(async () => {
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  const { code } = await qprune(["prune", "-sr", "--arch", "resnet20", ...TRAIN]);
  expect(code).toBe(0);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const prune = (...flags: string[]) =>
  qprune(["normal-regular-prune", "--model", MODEL, "--json", ...flags]);

const resultOf = ({ events, stderr }: Awaited<ReturnType<typeof qprune>>) => {
  expect(stderr).toBe("");
  return events[0] as {
    layers: { names: string[]; name: string; total: number; kept: number }[];
    before: { macs: number; parameters: number };
    after: { macs: number; parameters: number };
    betas: { from: string[]; into: string; foldedInto?: string; droppedBecause: string | null }[];
    tests: Record<"masked" | "pruned", { accuracy: number; count: number }> | null;
    file: string | null;
    latency: { batch: number; beforeMs: number; afterMs: number } | null;
    notices: string[];
  };
};

test("a residual net is pruned to half of its MACs, tested, saved and refined", async () => {
  const pruned = resultOf(await prune("--target-macs", "0.5", "--no-absorb", "--test-limit", "60"));
  expect(pruned.after.macs / pruned.before.macs).toBeLessThanOrEqual(0.5);
  expect(pruned.after.macs / pruned.before.macs).toBeGreaterThan(0.4);
  expect(pruned.tests?.pruned.count).toBe(60);
  expect(pruned.tests?.pruned.accuracy).toBe(pruned.tests?.masked.accuracy);
  expect(pruned.file).toBe("models_save/prune/resnet20_prune.safetensors");
  const { manifest } = await loadCheckpoint(pruned.file as string);
  if (!manifest) throw new Error("no manifest");
  expect(graphCost(graphOf(manifest.spec)).macs).toBe(pruned.after.macs);
  const goOn = [...DATA, "--epochs", "1", "--max-steps", "1", "--json"];
  const refined = await qprune(["prune", "--refine", pruned.file as string, ...goOn]);
  expect(refined.stderr).toBe("");
  const after = await loadCheckpoint("models_save/prune/resnet20_refine.safetensors");
  expect(after.manifest && graphOf(after.manifest.spec)).toEqual(graphOf(manifest.spec));
});

test("layers that are added keep the same channels, and constants add up where it is exact", async () => {
  const { layers, betas } = resultOf(await prune("--percent", "0.9", "--dry-run"));
  const stage = layers.find(({ names }) => names.includes("conv1"));
  expect(stage?.names.slice(0, 3)).toEqual(["conv1", "layer1.0.conv2", "layer1.1.conv2"]);
  const last = betas.find(({ into }) => into === "linear");
  expect(last).toMatchObject({ foldedInto: "linear.bias", droppedBecause: null });
  expect(betas.some(({ droppedBecause }) => droppedBecause === "padding")).toBe(true);
});

describe("how much is pruned:", () => {
  test("a share of each layer, of widths that are multiples, with a minimum", async () => {
    const flags = ["--local", "--percent", "0.6", "--round-to", "4", "--min-width", "8"];
    const { layers } = resultOf(await prune(...flags, "--dry-run"));
    for (const { kept, total } of layers) {
      expect(kept % 4 === 0 || kept === total).toBe(true);
      expect(kept).toBeGreaterThanOrEqual(Math.min(8, total));
    }
    expect(layers.some(({ kept, total }) => kept < total)).toBe(true);
  });

  test("a share of the parameters, and of the packed bytes of a quantized net", async () => {
    const half = resultOf(await prune("--target-params", "0.5", "--dry-run"));
    expect(half.after.parameters / half.before.parameters).toBeLessThanOrEqual(0.5);
    const bits = ["--Wbits", "2", "--Abits", "8", "--save", "few-bits.safetensors"];
    await qprune([
      "wqaq",
      "--refine",
      MODEL,
      ...bits,
      ...DATA,
      "--epochs",
      "1",
      "--max-steps",
      "1",
    ]);
    const model = ["--model", "few-bits.safetensors", "--json", "--dry-run"];
    const run = await qprune(["gc-prune", ...model, "--target-bytes", "0.6"]);
    const pruned = resultOf(run);
    expect(pruned.after.parameters).toBeLessThan(pruned.before.parameters);
    expect(pruned.notices.join()).toContain("latent weights are pruned");
  });

  test("kept layers keep all channels, with those that are coupled with them", async () => {
    const { layers } = resultOf(await prune("--keep", "conv1,layer2.*", "--dry-run"));
    const names = layers.flatMap((layer) => layer.names);
    expect(names).not.toContain("layer1.0.conv2");
    expect(names).not.toContain("layer2.1.conv1");
    expect(names).toContain("layer1.0.conv1");
  });

  test.each(["l1", "l2", "fpgm", "random"])("importance %s chooses channels", async (kind) => {
    const flags = ["--importance", kind, "--combine", "max", "--dry-run"];
    const { layers } = resultOf(await prune(...flags));
    const kept = layers.reduce((sum, layer) => sum + layer.kept, 0);
    const total = layers.reduce((sum, layer) => sum + layer.total, 0);
    expect(kept / total).toBeGreaterThan(0.45);
    expect(kept / total).toBeLessThan(0.55);
  });
});

test("taylor ranks channels by gradients on training images, the same ones for a seed", async () => {
  const flags = ["--importance", "taylor", "--calibration-batches", "2", "--train-limit", "100"];
  const run = () => prune(...flags, "--target-macs", "0.6", "--dry-run");
  const [one, again] = [resultOf(await run()), resultOf(await run())];
  expect(one.after.macs / one.before.macs).toBeLessThanOrEqual(0.6);
  expect(again.layers).toEqual(one.layers);
  const other = resultOf(await prune("--target-macs", "0.6", "--dry-run"));
  expect(other.layers).not.toEqual(one.layers);
  const missing = await prune("--importance", "taylor", "--dataset", "cifar10", "--data", "none");
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain("hint:");
});

test("a share of the measured time is met, and both times are reported", async () => {
  const flags = ["--target-latency", "0.9x", "--latency-batch", "32", "--no-test"];
  const run = await prune(...flags, "--save", "fast.safetensors");
  const { latency, after, before } = resultOf(run);
  expect(latency?.batch).toBe(32);
  expect(after.macs).toBeLessThan(before.macs);
  // The plan was confirmed by two measurements; a third one may be a little slower on a busy machine.
  expect((latency?.afterMs ?? 0) / (latency?.beforeMs ?? 0)).toBeLessThan(1);
  const text = await qprune([
    "normal-regular-prune",
    ...["--model", MODEL, "--target-latency", "1000ms", "--dry-run"],
  ]);
  expect(text.stdout).toMatch(/Time of a batch of 1 on this machine: .* ms before, .* ms after/);
  expect(text.stdout).toContain("nothing is pruned");
});

test("prints the coupled layers of a plan, and writes it without a cfg", async () => {
  const { stdout } = await qprune([
    "normal-regular-prune",
    "--model",
    MODEL,
    "--dry-run",
    "--percent",
    "0.9",
    "--plan",
    "plan.json",
  ]);
  expect(stdout).toMatch(/conv1 and \d+ more/);
  expect(stdout).toContain("folded into linear.bias");
  const plan = JSON.parse(readFileSync("plan.json", "utf8"));
  expect(plan).toMatchObject({ format: "qprune-plan", arch: "resnet20" });
  expect(plan).not.toHaveProperty("cfg");
});

test("summary --groups lists the layers that are pruned together", async () => {
  const { stdout } = await qprune(["summary", MODEL, "--groups"]);
  expect(stdout).toMatch(/layers pruned together/);
  expect(stdout).toMatch(
    /conv1, layer1\.0\.conv2, layer1\.1\.conv2, layer1\.2\.conv2 and \d+ more/,
  );
  expect(stdout).toMatch(/linear .* no: channels of the images or outputs/);
  const { events } = await qprune(["summary", MODEL, "--groups", "--json"]);
  const { manifest } = await loadCheckpoint(MODEL);
  const layers = weightedNodes(graphOf(manifest?.spec as never)).map(({ name }) => name);
  const { groups } = events[0] as unknown as { groups: { layers: string[] }[] };
  expect(new Set(groups.flatMap((group) => group.layers))).toEqual(new Set(layers));
});

describe("an error:", () => {
  test.each([
    ["a layer that the net does not have", ["--keep", "layer9.*"], /resnet20 has no such layer/],
    ["all layers kept", ["--keep", "*"], /nothing is left to prune/],
    [
      "MACs that cannot be reached",
      ["--target-macs", "0.0001"],
      /The smallest possible value is 0\.\d+/,
    ],
    [
      "a minimum that all layers have",
      ["--min-width", "64"],
      /No layer of resnet20 can become smaller/,
    ],
    ["two multiples", ["--round-to", "4", "--normal_regular", "8"], /both set the multiple/],
    ["two targets", ["--target-macs", "0.5", "--target-params", "0.5"], /both set how much/],
    ["a time that cannot be reached", ["--target-latency", "0.0001ms"], /leaves so little time/],
    ["a time without a unit", ["--target-latency", "0.5"], /as in 0\.5x, or milliseconds/],
    [
      "a batch for a time that is not asked for",
      ["--latency-batch", "8"],
      /--latency-batch is for --target-latency/,
    ],
    ["a share twice", ["--local", "--layer-percent", "0.5"], /ranks each layer on its own already/],
    [
      "too few shares of layers",
      ["--layer-percent", "0.5"],
      /needs 1\d fractions for resnet20, not 1/,
    ],
    [
      "a multiple larger than every layer",
      ["--round-to", "99"],
      /--round-to is 99, but the widest/,
    ],
    [
      "another number of layers",
      ["--layers", "9"],
      /resnet20 has 20 convolutions and dense layers/,
    ],
  ] as [string, string[], RegExp][])("%s is refused", async (_, flags, message) => {
    const run = await prune(...flags, "--dry-run");
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint:");
    expect(run.code).toBe(2);
  });
});
