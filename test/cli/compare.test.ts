import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint, writeCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { CIFAR } from "../../src/data/cifar/cifar.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import { scaledWidths } from "../../src/models/chains/descriptions/chain-from-description.js";
import type { ComparedNet, ComparedTest } from "../../src/report/comparison/comparison.js";
import { randomWeights } from "../models/random-weights.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-compare-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IMAGES = ["--test-limit", "100", "--num_workers", "0"];
const train = (name: string, command: string, ...more: string[]) =>
  qprune([
    command,
    ...["--dataset", "digits", "--train-limit", "150", "--arch", "nin", "--width", "0.125"],
    ...[...IMAGES, "--epochs", "2", "--quiet", "--save", at(name), ...more],
  ]);

const TRAINED = at("trained.safetensors");
const FLOAT = at("float.safetensors");
const PACKED = at("packed.safetensors");
const MERGED = at("merged.safetensors");
const PTH = at("float.pth");

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  await train("trained.safetensors", "wbwtab", "--W", "3", "--A", "2");
  await train("float.safetensors", "prune");
  await qprune(["export", TRAINED, "--format", "packed", "--save", PACKED, "--no-test"]);
  await qprune(["bn-merge", "--model", TRAINED, "--save", MERGED, "--no-test"]);
  await qprune(["convert", FLOAT, PTH]);
});

interface Result {
  readonly nets: (ComparedNet & { readonly test: ComparedTest })[];
  readonly images: { readonly kind: string; readonly why?: string; readonly changed?: unknown[] };
}

const compare = async (...argv: string[]) => {
  const run = await qprune(["compare", ...argv, "--json"]);
  expect(run.stderr).toBe("");
  return run.events[0] as unknown as Result;
};

describe("compare", () => {
  test("accepts files of every format, and finds the same net in each", async () => {
    const { nets } = await compare(TRAINED, PACKED, MERGED, FLOAT, PTH, ...IMAGES);
    const [trained, packed, merged, float, pth] = nets as Required<typeof nets>;
    for (const same of [packed, merged]) {
      expect(same?.test.agreement).toBe(100);
      expect(same?.test.confusion).toEqual(trained?.test.confusion);
      expect(same?.macs).toBe(trained?.macs);
      const accuracy = { points: 0, becameRight: 0, becameWrong: 0, pValue: 1 };
      expect(same).toMatchObject({ againstFirst: { accuracy } });
    }
    expect(merged?.parameters).toBeLessThan(trained?.parameters ?? 0);
    expect(pth?.test).toEqual(float?.test);
    expect([trained, packed, merged].map((net) => net?.form)).toEqual([
      "trainable",
      "baked, packed",
      "merged",
    ]);
  });

  test("finds the same accuracy as --evaluate for every net", async () => {
    const { nets } = await compare(TRAINED, FLOAT, ...IMAGES);
    for (const [net, command] of [
      [nets[0], "wbwtab"],
      [nets[1], "prune"],
    ] as const) {
      const argv = ["--evaluate", "--resume", net?.file ?? "", "--dataset", "digits", ...IMAGES];
      const { events } = await qprune([command, ...argv, "--json"]);
      // The batches are the same, and so is what is added up.
      expect(net?.test.loss).toBe(events[0]?.testLoss);
      expect(net?.test.accuracy).toBe(events[0]?.testAccuracy);
      const { confusion = [], correct } = net?.test ?? {};
      expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(100);
      expect(confusion.reduce((sum, row, label) => sum + (row[label] ?? 0), 0)).toBe(correct);
    }
  });

  test("shows the history of a file, but not that of another file in the same place", async () => {
    const { nets } = await compare(TRAINED, "--no-test", FLOAT);
    const [trained] = nets;
    if (trained?.history.kind !== "found") throw new Error("no history");
    expect(trained.history.commands[0]).toMatch(/^qprune wbwtab .*--W 3 --A 2$/);
    expect(trained.history.epochs).toHaveLength(2);
    writeFileSync(at("other.safetensors"), readFileSync(FLOAT));
    writeFileSync(at("other.history.json"), readFileSync(at("trained.history.json")));
    writeFileSync(at("torn.safetensors"), readFileSync(FLOAT));
    writeFileSync(at("torn.history.json"), "{");
    const strange = await compare(at("other.safetensors"), at("torn.safetensors"), "--no-test");
    expect(strange.nets.map(({ history }) => history)).toEqual([
      { kind: "none", why: expect.stringContaining("belongs to another file"), isMissing: false },
      { kind: "none", why: expect.stringContaining("is damaged"), isMissing: false },
    ]);
  });

  test("shows every command that made a file, starting with the first training", async () => {
    const small = at("small.safetensors");
    const refined = at("refined.safetensors");
    const baked = at("small-baked.safetensors");
    const calls = [
      ["normal-regular-prune", "--model", FLOAT, "--percent", "0.2", "--save", small],
      ["prune", "--refine", small, "--dataset", "digits", "--train-limit", "150", ...IMAGES],
      ["export", refined, "--format", "safetensors", "--save", baked],
    ];
    calls[1]?.push("--epochs", "1", "--save", refined);
    for (const argv of calls) expect((await qprune(argv)).code).toBe(0);
    const { nets } = await compare(baked, MERGED, PTH, refined, "--no-test");
    const [whole, merged, pth, trained] = nets.map(({ history }) => {
      if (history.kind !== "found") throw new Error(history.why);
      return { calls: history.commands, epochs: history.epochs.length };
    });
    const made = calls.map((argv) => `qprune ${argv.join(" ")}`);
    expect(whole).toEqual({ calls: [expect.stringMatching(/^qprune prune /), ...made], epochs: 0 });
    expect(trained).toEqual({ calls: whole?.calls.slice(0, -1), epochs: 1 });
    expect(merged?.calls).toEqual([
      expect.stringMatching(/^qprune wbwtab /),
      expect.stringMatching(/^qprune bn-merge /),
    ]);
    // The history next to a converted file is that of the file that it was converted from.
    expect(pth).toEqual({ calls: whole?.calls.slice(0, 1), epochs: 2 });
  });

  test("marks the best of each column in eighty columns", async () => {
    const { stdout } = await qprune(["compare", FLOAT, TRAINED, ...IMAGES]);
    // The table follows two lines per net and an empty one.
    const lines = stdout.split("\n").slice(5);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    const row = (label: string): string => lines.find((line) => line.startsWith(label)) ?? "";
    for (const title of ["accuracy", "loss", "agreement", "packed", "peak act.", "images/s"])
      expect(lines[0]).toContain(title);
    expect(row("B")).toMatch(/\*[\d.]+ kB +\*[\d.]+ kB/);
    // Both have as many operations, so neither is better.
    expect(row("A")).not.toMatch(/\*[\d.]+M/);
  });

  test("compares everything that needs no images if there are none, and reports it", async () => {
    const run = await qprune(["compare", TRAINED, FLOAT, "--no-test"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("Not tested: --no-test. Accuracy, loss and agreement");
    expect(run.stdout).not.toContain("accuracy ");
    const { images, nets } = await compare(TRAINED, FLOAT, "--no-test");
    expect(images).toEqual({ kind: "none", why: "--no-test" });
    expect(nets[1]).toMatchObject({ againstFirst: { accuracy: null, macsRatio: 1 } });
    expect(nets[0]?.test).toBeNull();
    expect(nets[0]?.imagesPerSecond).toBeGreaterThan(0);
  });

  test("shows no image twice and counts all changed ones", async () => {
    const { images } = await compare(FLOAT, TRAINED, PACKED, ...IMAGES);
    const { changed = [], changedCount } = images as unknown as {
      changed: { index: number; chosen: number[]; truth: number }[];
      changedCount: number;
    };
    expect(new Set(changed.map(({ index }) => index)).size).toBe(changed.length);
    expect(changed).toHaveLength(Math.min(24, changedCount));
    for (const { chosen } of changed) expect(new Set(chosen).size).toBeGreaterThan(1);
  });
});

describe("compare refuses", () => {
  const refused = async (argv: readonly string[], message: RegExp, code = 2) => {
    const run = await qprune(["compare", ...argv]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint:");
    expect(run.stdout).toBe("");
    expect(run.code).toBe(code);
  };
  /** A file of the float net with a changed manifest. */
  const changed = async (name: string, change: (dataSet: object) => object): Promise<string> => {
    const { state, manifest } = await loadCheckpoint(FLOAT);
    if (!manifest) throw new Error("no manifest");
    const dataSet = change(manifest.dataSet) as typeof manifest.dataSet;
    const input = { channels: 3, height: dataSet.height, width: dataSet.width };
    const spec = { ...manifest.spec, input };
    await writeCheckpoint(at(name), state, { ...manifest, dataSet, spec });
    return at(name);
  };

  test("one file, nine files, and a missing file", async () => {
    await refused([FLOAT], /expected at least two files/);
    await refused(new Array(9).fill(FLOAT), /expected at most 8 files/);
    await refused([FLOAT, at("gone.safetensors")], /gone\.safetensors.*no such file/, 1);
  });

  test("nets of different numbers of classes", async () => {
    const { info } = CIFAR.cifar100;
    const spec = builtInSpec({
      arch: "nin",
      widths: scaledWidths(builtInNets.nin, 0.125),
      classes: info.classNames.length,
      input: { channels: 3, height: 32, width: 32 },
      sequence: "dorefa",
      quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
    });
    const manifest = { spec, dataSet: info, epoch: 1, isFinished: true, version: "test" };
    await writeCheckpoint(at("h.pth"), weightsState(spec, randomWeights(spec, 1)), manifest);
    await refused([FLOAT, at("h.pth")], /has 10 classes, but .* has 100/);
  });

  test("nets with other classes or image sizes", async () => {
    const cifar = await changed("cifar.safetensors", () => CIFAR.cifar10.info);
    await refused([FLOAT, cifar], /has the classes of digits, but .* has those of cifar10/);
    const large = await changed("large.safetensors", (info) => ({
      ...info,
      height: 48,
      width: 48,
    }));
    await refused([FLOAT, large], /takes images of 32x32x3, but .* of 48x48x3/);
  });

  test("--arch if every file records its net", async () => {
    await refused([FLOAT, TRAINED, "--arch", "nin"], /all files record theirs/);
  });

  test("a folder, and a --save name of a model file", async () => {
    await refused([FLOAT, folder], /is a folder, but only model files can be compared/);
    await refused([FLOAT, TRAINED, "--save", at("x.safetensors")], /must end in \.json/);
  });

  test("a page that cannot be written, before anything is computed", async () => {
    mkdirSync(at("dir.html"));
    const pages = [at("page.txt"), at("dir.html"), at("no/page.html")];
    for (const page of pages) await refused([FLOAT, TRAINED, "--html", page], /\.html|exist/);
    const long = at(`${"x".repeat(246)}.html`);
    await refused([FLOAT, TRAINED, "--html", long], /html\.previous: the name is too long/);
  });
});

test("an earlier page is kept", async () => {
  writeFileSync(at("page.html"), "mine");
  const run = await qprune(["compare", FLOAT, TRAINED, "--no-test", "--html", at("page.html")]);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain(`Saved ${at("page.html")}`);
  expect(readFileSync(at("page.html.previous"), "utf8")).toBe("mine");
  expect(readFileSync(at("page.html"), "utf8")).toMatch(/^<!doctype html>/);
});
