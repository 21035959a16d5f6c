import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { Sensitivity } from "../../src/report/sensitivity/sensitivity.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-sensitivity-"));
const home = process.cwd();
const DATA = ["--dataset", "digits", "--train-limit", "300", "--test-limit", "60"];
const SHORT = ["--epochs", "1", "--max-steps", "6", "--settle-batches", "4"];
const TRAIN = [...DATA, "--width", "0.5", ...SHORT, "--json"];
const MEASURE = ["--shares", "0.5,0.9", "--round-bits", "8,2", "--json"];

beforeAll(async () => {
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  const train = ["prune", "--arch", "resnet20", ...TRAIN, "--save"];
  const runs = [
    await qprune([...train, "net.safetensors", "--val-split", "0.2"]),
    await qprune([...train, "other.safetensors"]),
  ];
  for (const { code } of runs) expect(code).toBe(0);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const measured = async (...flags: string[]): Promise<Sensitivity> => {
  const { code, stderr, events } = await qprune(["sensitivity", ...flags]);
  expect(stderr.replace(/^Saved .*\n/, "")).toBe("");
  expect(code).toBe(0);
  return events[0] as unknown as Sensitivity;
};

test("tests every layer with each share pruned and each number of bits, on the images that training held out", async () => {
  const result = await measured("net.safetensors", ...MEASURE, "--save", "net.json");
  expect(result).toMatchObject({ arch: "resnet20", importance: "gamma" });
  expect(result.images).toEqual({ dataSet: "digits", count: 60, wereHeldOut: true });
  expect(result.channels).toHaveLength(12);
  expect(result.bits).toHaveLength(20);
  for (const { total, points } of result.channels) {
    expect(points.map(({ share }) => share)).toEqual([0.5, 0.9]);
    for (const { kept } of points) expect(kept).toBeLessThan(total);
  }
  for (const { points } of result.bits) {
    expect(points.map(({ bits }) => bits)).toEqual([8, 2]);
    // 8 bits round weights by at most 1/254 of the largest of their filter.
    expect(Math.abs((points[0]?.loss ?? Number.NaN) - result.whole.loss)).toBeLessThan(0.1);
  }
  expect(JSON.parse(readFileSync("net.json", "utf8"))).toEqual(result);
});

test("holds out other training images if the net's training held out none, and reports that", async () => {
  const flags = ["--shares", "none", "--round-bits", "4", "--val-split", "0.1"];
  const result = await measured("other.safetensors", ...flags, "--train-limit", "300", "--json");
  expect(result.images).toEqual({ dataSet: "digits", count: 30, wereHeldOut: false });
  expect(result.channels).toEqual([]);
  expect(result.bits).toHaveLength(20);
});

test("prints two tables, with gradients on training images for taylor", async () => {
  const flags = [
    "--shares",
    "0.5",
    "--round-bits",
    "4",
    "--images",
    "20",
    "--importance",
    "taylor",
  ];
  const { stdout, stderr, code } = await qprune([
    "sensitivity",
    "net.safetensors",
    ...flags,
    "--calibration-batches",
    "2",
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain("of 20 images of digits held out from training");
  expect(stdout).toMatch(/layers +channels +50% pruned\n/);
  expect(stdout).toMatch(/layer +4 bits\n/);
  expect(stderr).toContain("Computing gradients on 2 batches");
  expect(stderr).toContain("Tested 33 of 33 nets");
});

const prune = (...flags: string[]) =>
  qprune([
    "normal-regular-prune",
    "--model",
    "net.safetensors",
    ...["--sensitivity", "net.json", "--dry-run", "--json"],
    ...flags,
  ]);

test("gives each layer its own share for a target, more where the loss depends on it less", async () => {
  const { events, code } = await prune("--target-macs", "0.6", "--importance", "l1");
  expect(code).toBe(0);
  const [result] = events as unknown as {
    layerPercents: number[];
    before: { macs: number };
    after: { macs: number };
  }[];
  expect(result?.layerPercents).toHaveLength(12);
  expect(new Set(result?.layerPercents).size).toBeGreaterThan(1);
  const left = (result?.after.macs ?? 0) / (result?.before.macs ?? 0);
  expect(left).toBeLessThanOrEqual(0.6);
  expect(left).toBeGreaterThan(0.5);
});

test("is charted on the page of a comparison", async () => {
  const files = ["net.safetensors", "other.safetensors"];
  const flags = ["--no-test", "--html", "page.html", "--sensitivity", "net.json", "--json"];
  const { code } = await qprune(["compare", ...files, ...flags]);
  expect(code).toBe(0);
  const page = readFileSync("page.html", "utf8").replaceAll("<wbr>", "");
  expect(page).toContain("<h2>Sensitivity</h2>");
  expect(page).toContain("net.safetensors: Accuracy in percent if one row alone is changed");
  expect(page).toContain("layer1.0.conv1");
});

test("is a stage of recipes, from which a prune and a compare stage read", async () => {
  writeFileSync(
    "recipe.yml",
    `folder: made
defaults: {test-limit: 60}
stages:
  measured: {kind: sensitivity, file: ./net.safetensors, shares: [0.5], round-bits: none, images: 20}
  pruned: {kind: prune, model: ./net.safetensors, sensitivity: measured, percent: 0.3}
  compared: {kind: compare, files: [./net.safetensors, pruned], sensitivity: measured, html: page.html}
`,
  );
  const { code, stderr } = await qprune(["run", "recipe.yml", "--json"]);
  expect(stderr).toContain("measured");
  expect(code).toBe(0);
  expect(readFileSync("made/page.html", "utf8")).toContain("<h2>Sensitivity</h2>");
  const again = await qprune(["run", "recipe.yml"]);
  expect(again.stderr.match(/is kept/g)).toHaveLength(3);
});

describe("an error:", () => {
  const measure = (...flags: string[]) => qprune(["sensitivity", "net.safetensors", ...flags]);

  test.each([
    [
      "nothing to measure",
      ["--shares", "none", "--round-bits", "none"],
      /leave nothing to measure/,
    ],
    ["a share of 0", ["--shares", "0"], /fractions above 0/],
    ["too many bits", ["--round-bits", "16"], /whole numbers from 1 to 8/],
    ["a file that is no JSON", ["--save", "net.txt"], /must end in \.json/],
    ["an unknown layer", ["--keep", "layer9.*"], /no such layer/],
    ["missing images", ["--dataset", "cifar10", "--data", "none"], /cifar/i],
  ] as [string, string[], RegExp][])("%s is refused", async (_, flags, message) => {
    const run = await measure(...flags);
    expect(run.stderr).toMatch(message);
    expect(run.code).toBe(2);
  });

  test("a file of something else, and one of another net, are refused by pruning", async () => {
    writeFileSync("plan.json", '{"format": "qprune-plan"}');
    const other = await prune("--sensitivity", "plan.json");
    expect(other.stderr).toContain("contains no sensitivities: format");
    expect(other.code).toBe(2);
    const { channels, ...rest } = JSON.parse(readFileSync("net.json", "utf8")) as Sensitivity;
    writeFileSync("less.json", JSON.stringify({ ...rest, channels: channels.slice(1) }));
    const less = await prune("--sensitivity", "less.json");
    expect(less.stderr).toMatch(/has no shares for conv1 with 8 channels/);
    expect(less.code).toBe(2);
  });

  test("a chart without a page, and two ways to set the shares of layers, are refused", async () => {
    const files = ["net.safetensors", "other.safetensors"];
    const chart = await qprune(["compare", ...files, "--sensitivity", "net.json"]);
    expect(chart.stderr).toContain("no page is written");
    expect(chart.code).toBe(2);
    const both = await prune("--local");
    expect(both.stderr).toContain("ranks each layer on its own already");
  });
});
