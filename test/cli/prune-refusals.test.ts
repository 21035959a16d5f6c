import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-prune-refusals-"));
const home = process.cwd();

const conv = (filters: number | string, more: object = {}) => ({
  kind: "conv",
  filters,
  kernel: 3,
  ...more,
});
const NORM = { kind: "batchNorm" };
const RELU = { kind: "activation" };
const END = [{ kind: "globalPool" }, { kind: "dense", features: "classes" }];

/** Nets that cannot be pruned in some way, by name. */
const NETS = {
  "one-layer": END,
  mixed: [
    conv(6),
    { kind: "batchNorm", name: "bn" },
    { kind: "shuffle", groups: 2, name: "shuffled" },
    { kind: "add", inputs: ["bn", "shuffled"] },
    ...END,
  ],
  grouped: [conv(8), NORM, RELU, conv(8, { groups: 4 }), NORM, RELU, ...END],
  "without-norms": [conv(8), RELU, conv(8), RELU, ...END],
};

beforeAll(async () => {
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  for (const [name, nodes] of Object.entries(NETS)) {
    writeFileSync(`${name}.json`, JSON.stringify({ name, nodes }));
    const data = ["--dataset", "digits", "--train-limit", "50", "--test-limit", "20"];
    const files = ["--arch", `${name}.json`, "--save", `${name}.safetensors`];
    const run = await qprune(["prune", ...files, ...data, "--epochs", "1", "--json"]);
    expect(run.stderr).toBe("");
  }
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const prune = (net: keyof typeof NETS, ...flags: string[]) =>
  qprune(["prune-channels", "--model", `${net}.safetensors`, "--dry-run", ...flags]);

test.each([
  [
    "a net whose channels are all those of its ends",
    "one-layer",
    [],
    /one-layer has no channels that can be pruned: all of them are channels of the images or of the outputs/,
  ],
  [
    "a net whose shuffles fix all channels",
    "mixed",
    [],
    /mixed has no channels that can be pruned: groups and channel shuffles lead them in ways that no smaller net has/,
  ],
  [
    "groups and a multiple that leave each layer only its own width",
    "grouped",
    ["--round-to", "8"],
    /No layer of grouped can become smaller: its present widths are the only ones/,
  ],
  [
    "a target beyond what groups and a multiple leave, with what can be reached",
    "grouped",
    ["--target-macs", "0.01"],
    /--target-macs 0\.01: no percent leaves so few MACs.* The smallest possible value is 0\.\d+/,
  ],
  [
    "protection of everything",
    "grouped",
    ["--keep", "*"],
    /keeps all layers of grouped: nothing is left to prune/,
  ],
  ["gammas of a net without norms", "without-norms", [], /no gammas to rank channels by/],
] as [string, keyof typeof NETS, string[], RegExp][])(
  "%s is refused",
  async (_, net, flags, message) => {
    const run = await prune(net, ...flags);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint:");
    expect(run.code).toBe(2);
  },
);

test("a share that can be reached is reached by asking for it", async () => {
  const { stderr } = await prune("grouped", "--target-macs", "0.01");
  const least = /smallest possible value is (0\.\d+)\./.exec(stderr)?.[1] ?? "";
  const run = await prune("grouped", "--target-macs", least, "--json");
  expect(run.code).toBe(0);
  const [result] = run.events as unknown as { before: { macs: number }; after: { macs: number } }[];
  expect((result?.after.macs ?? 1) / (result?.before.macs ?? 1)).toBeLessThanOrEqual(Number(least));
});

test("a net without norms is pruned by its filters, or by the loss", async () => {
  for (const importance of ["l1", "taylor"]) {
    const flags = ["--importance", importance, "--calibration-batches", "1", "--json"];
    const run = await prune("without-norms", ...flags, "--train-limit", "50");
    expect(run.code).toBe(0);
    const [result] = run.events as unknown as { layers: { kept: number; total: number }[] }[];
    expect(result?.layers.some(({ kept, total }) => kept < total)).toBe(true);
  }
});
