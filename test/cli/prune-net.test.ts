import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint, writeCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { writeFileAtomically } from "../../src/files/writing/write-file-atomically.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { widthsOf } from "../../src/models/chains/chain-spec.js";
import { chainSpecOf } from "../../src/models/net-spec.js";
import { readNetWeights, weightsState } from "../models/net-weights.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-prune-net-"));
const home = process.cwd();
const DATA = ["--dataset", "digits", "--train-limit", "100", "--test-limit", "60"];
const TRAIN = [...DATA, "--width", "0.25", "--epochs", "1", "--max-steps", "2", "--json"];
const TEST = ["--test-limit", "60"];

beforeAll(async () => {
  // The default names are below the folder that the command runs in.
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  for (const arch of ["nin", "nin_gc"]) {
    const { code } = await qprune(["prune", "-sr", "--arch", arch, ...TRAIN]);
    expect(code).toBe(0);
  }
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const NIN = "models_save/prune/nin_preprune.safetensors";
const NIN_GC = "models_save/prune/nin_gc_preprune.safetensors";

const resultOf = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
  events[0] as {
    cfg: number[];
    cfgBefore: number[];
    percent: number;
    file: string | null;
    layers: { kept: number; keep: number[]; total: number; name: string }[];
    before: { macs: number };
    after: { macs: number; parameters: number };
    tests: Record<"before" | "masked" | "pruned", { accuracy: number; count: number }> | null;
    untested?: string;
    notices: string[];
  };

describe("normal-regular-prune", () => {
  test("prunes the file of sparse training, tests it three times, and saves it under the default name", async () => {
    const run = await qprune(["normal-regular-prune", ...TEST, "--json"]);
    expect(run.stderr).toBe("");
    expect(run.code).toBe(0);
    const result = resultOf(run);
    expect(result.file).toBe("models_save/prune/nin_prune.safetensors");
    expect(result.tests?.pruned.count).toBe(60);
    expect(result.percent).toBe(0.5);
    const { manifest } = await loadCheckpoint("models_save/prune/nin_prune.safetensors");
    expect(widthsOf(manifest?.spec as never)).toEqual(result.cfg);
    expect(manifest?.accuracy).toBe(result.tests?.pruned.accuracy);
    const refined = await qprune([
      "prune",
      "--refine",
      result.file as string,
      ...DATA,
      "--epochs",
      "1",
      "--max-steps",
      "1",
    ]);
    expect(refined.stdout).toContain("Saved models_save/prune/nin_refine.safetensors");
  });

  test("makes every width a multiple or leaves the layer unchanged", async () => {
    const run = await qprune([
      "normal-regular-prune",
      "--normal_regular",
      "16",
      "--dry-run",
      "--json",
    ]);
    const { cfg, cfgBefore } = resultOf(run);
    cfg.forEach((width, at) => {
      expect(width % 16 === 0 || width === cfgBefore[at]).toBe(true);
    });
    expect(String(cfg)).not.toBe(String(cfgBefore));
  });

  test("prints a table with the columns of the reference scripts, costs, betas and accuracies", async () => {
    const { stdout } = await qprune([
      "normal-regular-prune",
      ...TEST,
      "--save",
      "shown.safetensors",
    ]);
    for (const word of ["total", "remaining", "pruned_ratio", "tnn_bin.2.bn", "MACs", "pre-prune"])
      expect(stdout).toContain(word);
    expect(stdout).toMatch(/Saved shown\.safetensors/);
  });

  test("never overwrites a net with the plan, and checks its path first", async () => {
    for (const plan of [NIN, "x.txt", "nowhere/plan.json"]) {
      const run = await qprune(["normal-regular-prune", "--plan", plan, "--dry-run"]);
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("hint:");
    }
    expect((await loadCheckpoint(NIN)).manifest?.spec.arch).toBe("nin");
  });

  test("writes the plan, and with --dry-run nothing else", async () => {
    const before = readdirSync(folder, { recursive: true }).length;
    const run = await qprune(["normal-regular-prune", "--dry-run", "--plan", "plan.json"]);
    expect(run.stdout).toContain("Nothing was saved");
    const plan = JSON.parse(readFileSync("plan.json", "utf8"));
    expect(plan).toMatchObject({ format: "qprune-plan", arch: "nin", importance: "gamma" });
    expect(plan.layers[0].keep).toHaveLength(plan.cfg[0]);
    expect(readdirSync(folder, { recursive: true })).toHaveLength(before + 1);
  });

  test.each([
    ["normal-regular-prune", ["--percent", "0"]],
    ["normal-regular-prune", ["--percent", "0", "--normal_regular", "7"]],
    ["normal-regular-prune", ["--layer-percent", "0,0,0,0,0,0,0,0"]],
    ["normal-regular-prune", ["--target-macs", "1"]],
    ["gc-prune", ["--percent", "0"]],
    ["gc-prune", ["--target-macs", "1"]],
  ])("%s %j prunes nothing", async (command, flags) => {
    const run = await qprune([command, ...flags, "--dry-run", "--json"]);
    expect(run.stderr).toBe("");
    const { cfg, cfgBefore, layers } = resultOf(run);
    expect(cfg).toEqual(cfgBefore);
    expect(layers[0]).toMatchObject({ threshold: null, prunedAbove: 0, keptBelow: 0 });
  });

  test("reports that a percent of 0 prunes nothing, and what the reference scripts would keep", async () => {
    const { stdout } = await qprune(["normal-regular-prune", "--percent", "0", "--dry-run"]);
    expect(stdout).toContain("percent 0 of 352 channels, nothing is pruned");
    expect(stdout).toContain("Pruned ratio: 0.0000");
    expect(stdout).toMatch(/the reference scripts would keep \d+/);
  });

  test("names layers of which one channel is left, unless a minimum is asked for", async () => {
    const command = ["normal-regular-prune", "--dry-run", "--percent", "0.99"];
    expect((await qprune(command)).stdout).toMatch(/One channel is left in .+: none was above/);
    expect((await qprune([...command, "--min-width", "2"])).stdout).not.toContain("One channel");
  });

  test("finds the percent for a fraction of the MACs", async () => {
    const run = await qprune([
      "normal-regular-prune",
      "--target-macs",
      "0.5",
      "--dry-run",
      "--json",
    ]);
    const { before, after, percent } = resultOf(run);
    expect(after.macs / before.macs).toBeLessThanOrEqual(0.5);
    expect(after.macs / before.macs).toBeGreaterThan(0.4);
    const same = await qprune([
      "normal-regular-prune",
      "--percent",
      String(percent),
      "--dry-run",
      "--json",
    ]);
    expect(resultOf(same).cfg).toEqual(resultOf(run).cfg);
  });

  test("accepts a fraction for each layer, and other importance", async () => {
    const shares = "0.5,0,0,0,0,0,0,0.25";
    const run = await qprune([
      "normal-regular-prune",
      "--layer-percent",
      shares,
      "--importance",
      "l2",
      "--dry-run",
      "--json",
    ]);
    const { cfg, cfgBefore } = resultOf(run);
    expect(cfg[0]).toBe((cfgBefore[0] as number) / 2 - 1);
    expect(cfg[1]).toBe(cfgBefore[1]);
  });

  test("prunes without images and reports that nothing was tested", async () => {
    const file = await loadCheckpoint(NIN);
    if (!file.manifest) throw new Error("no manifest");
    const cifar = { ...file.manifest.dataSet, name: "cifar10" };
    await writeCheckpoint("cifar.safetensors", file.state, { ...file.manifest, dataSet: cifar });
    const run = await qprune([
      "normal-regular-prune",
      "--model",
      "cifar.safetensors",
      "--save",
      "untested.safetensors",
    ]);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/Not tested: no cifar10 in \.\/data/);
    expect((await loadCheckpoint("untested.safetensors")).manifest?.accuracy).toBeUndefined();
    const skipped = await qprune([
      "normal-regular-prune",
      "--no-test",
      "--save",
      "untested.safetensors",
    ]);
    expect(skipped.stdout).toContain("Not tested: --no-test");
  });

  test("prunes a file of an unknown data set untested, and refuses to test it", async () => {
    const file = await loadCheckpoint(NIN);
    if (!file.manifest) throw new Error("no manifest");
    const foreign = { ...file.manifest, dataSet: { ...file.manifest.dataSet, name: "foo" } };
    await writeCheckpoint("foreign.safetensors", file.state, foreign);
    const argv = ["normal-regular-prune", "--model", "foreign.safetensors"];
    const run = await qprune([...argv, "--save", "foreign-pruned.safetensors"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain(
      "Not tested: foreign.safetensors was trained on foo, which qprune cannot read",
    );
    const asked = await qprune([...argv, "--save", "other.safetensors", ...TEST]);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("--dataset");
  });

  test("prunes a state dict without metadata, whatever the order of its tensors", async () => {
    const { state } = await loadCheckpoint(NIN);
    const sorted = new Map([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
    await writeFileAtomically("bare.safetensors", encodeSafetensors(sorted, {}));
    const run = await qprune([
      "normal-regular-prune",
      "--model",
      "bare.safetensors",
      "--no-test",
      "--json",
      "--save",
      "bare-pruned.safetensors",
    ]);
    const whole = await qprune(["normal-regular-prune", "--dry-run", "--json"]);
    expect(resultOf(run).cfg).toEqual(resultOf(whole).cfg);
    expect(resultOf(run).notices.join()).toContain("does not record how it was trained");
  });

  test("prunes a grouped net to multiples of its groups", async () => {
    const grouped = await qprune([
      "normal-regular-prune",
      "--model",
      NIN_GC,
      "--percent",
      "0.4",
      "--dry-run",
      "--json",
    ]);
    const gc = await qprune(["gc-prune", "--dry-run", "--json"]);
    expect(resultOf(grouped).cfg).toEqual(resultOf(gc).cfg);
  });
});

describe("gc-prune", () => {
  test("keeps groups intact: the smaller net scores like the masked one", async () => {
    const run = await qprune(["gc-prune", ...TEST, "--no-absorb", "--json"]);
    const { tests, file, cfg, cfgBefore } = resultOf(run);
    expect(file).toBe("models_save/prune/nin_gc_prune.safetensors");
    expect(String(cfg)).not.toBe(String(cfgBefore));
    expect(tests?.pruned.accuracy).toBe(tests?.masked.accuracy);
    const quantized = await qprune([
      "wbwtab",
      "--refine",
      file as string,
      ...DATA,
      "--epochs",
      "1",
      "--max-steps",
      "1",
    ]);
    expect(quantized.code).toBe(0);
  });

  test("prunes a net without groups like normal pruning", async () => {
    const one = await qprune([
      "gc-prune",
      "--model",
      NIN,
      "--percent",
      "0.5",
      "--dry-run",
      "--json",
    ]);
    const other = await qprune(["normal-regular-prune", "--dry-run", "--json"]);
    expect(resultOf(one).cfg).toEqual(resultOf(other).cfg);
  });

  test("prunes the latent weights and ternary codes of a quantized net, with a notice", async () => {
    const gap = ["--W", "3", "--A", "2", "--gap", "--arch", "nin", "--save", "gap.safetensors"];
    await qprune(["wbwtab", ...gap, ...TRAIN]);
    const run = await qprune([
      "gc-prune",
      "--model",
      "gap.safetensors",
      "--save",
      "gap-pruned.safetensors",
      ...TEST,
      "--json",
    ]);
    expect(run.code).toBe(0);
    expect(resultOf(run).notices.join()).toContain("latent weights are pruned");
    const { tests, file } = resultOf(run);
    const again = await qprune([
      "wbwtab",
      "--evaluate",
      "--resume",
      file as string,
      ...DATA,
      "--json",
    ]);
    expect(again.events[0]?.testAccuracy).toBe(tests?.pruned.accuracy);
  });
});

describe("an error:", () => {
  const refused = async (argv: string[], code: number, message: RegExp): Promise<void> => {
    const run = await qprune(["normal-regular-prune", ...argv]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint:");
    expect(run.stderr).not.toContain("    at ");
    expect(run.stdout).toBe("");
    expect(run.code).toBe(code);
  };

  test.each([
    ["a share above 1", ["--percent", "1.5"], /--percent 1\.5: expected a number from 0 to 1/],
    ["a negative share", ["--percent", "-0.1"], /--percent -0\.1: expected/],
    ["a multiple of 0", ["--normal_regular", "0"], /expected a whole number of at least 1/],
    ["a multiple larger than every layer", ["--normal_regular", "49"], /widest layer has 48/],
    ["another number of layers", ["--layers", "8"], /nin has 9 convolutions/],
    ["too few shares of layers", ["--layer-percent", "0.5"], /needs 8 fractions for nin, not 1/],
    [
      "two options that set how much",
      ["--percent", "0.1", "--target-macs", "0.5"],
      /both set how much/,
    ],
    ["MACs that cannot be reached", ["--target-macs", "0.0001"], /no percent leaves so few/],
    ["a file that is not there", ["--model", "no.safetensors"], /no\.safetensors/],
  ])("%s is refused", (_, argv, message) =>
    refused(argv, message.source.includes("no\\.safe") ? 1 : 2, message),
  );

  test("a net whose gammas belong to input channels, with the reason", async () => {
    await qprune(["wbwtab", "--arch", "nin_bn_conv", "--save", "bn.safetensors", ...TRAIN]);
    await refused(["--model", "bn.safetensors"], 2, /gammas belong to input channels/);
  });

  test("a file without gammas", async () => {
    const { state } = await loadCheckpoint(NIN);
    const names = [...state.keys()].filter((name) => /\.\d+\.(bn\.)?running_mean$/.test(name));
    const gammas = new Set(names.map((name) => name.replace("running_mean", "weight")));
    const rest = new Map([...state].filter(([name]) => !gammas.has(name)));
    await writeFileAtomically("merged.safetensors", encodeSafetensors(rest, {}));
    await refused(["--model", "merged.safetensors"], 1, /have no gammas/);
  });

  test("a damaged file", async () => {
    copyFileSync(NIN, "cut.safetensors");
    truncateSync("cut.safetensors", 5000);
    await refused(["--model", "cut.safetensors"], 1, /cut\.safetensors/);
  });

  test("the input file is overwritten only with --force", async () => {
    copyFileSync(NIN, "own.safetensors");
    await refused(
      ["--model", "own.safetensors", "--save", "own.safetensors"],
      2,
      /would be overwritten/,
    );
    const run = await qprune([
      "normal-regular-prune",
      "--model",
      "own.safetensors",
      "--save",
      "own.safetensors",
      "--force",
      "--no-test",
    ]);
    expect(run.code).toBe(0);
    expect(existsSync("own.safetensors.previous")).toBe(true);
  });

  test("nearly equal gammas are reported, with the command that spreads them", async () => {
    const trainedOn = async (gammaOf: (channel: number) => number): Promise<string[]> => {
      const { manifest, state } = await loadCheckpoint(NIN);
      if (!manifest) throw new Error("no manifest");
      const weights = readNetWeights(
        { path: NIN, state, manifest },
        chainSpecOf(manifest.spec, NIN),
      );
      const changed = weights.map(({ affine, ...conv }) => ({
        ...conv,
        affine: affine && { ...affine, gamma: affine.gamma.map((_, at) => gammaOf(at)) },
      }));
      const gammas = weightsState(chainSpecOf(manifest.spec, NIN), changed);
      await writeCheckpoint("my gammas.safetensors", gammas, manifest);
      const run = await qprune([
        ...["normal-regular-prune", "--model", "my gammas.safetensors", "--dry-run", "--json"],
      ]);
      return resultOf(run).notices;
    };
    expect(await trainedOn((channel) => (channel % 2 === 0 ? 1 : -0.6))).toContain(
      "The gammas are nearly equal (middle 90%: 0.600 to 1.000), so importance hardly distinguishes the channels. Sparse training, or more of it, spreads them: qprune prune -sr --s 0.001 --refine 'my gammas.safetensors' --dataset digits",
    );
    const spread = await trainedOn((channel) => (channel % 2 === 0 ? 1 : -0.1));
    expect(spread.join()).not.toContain("nearly equal");
    const byNorm = ["--importance", "l1", "--model", NIN, "--dry-run", "--json"];
    expect(resultOf(await qprune(["normal-regular-prune", ...byNorm])).notices).toEqual([]);
  });

  test("suggests refining with the flags for the net's images", async () => {
    const save = ["--save", "advised.safetensors", "--force", "--no-test"];
    const { stdout } = await qprune(["normal-regular-prune", "--model", NIN, ...save]);
    expect(stdout).toMatch(
      /\nNext: qprune prune --refine advised\.safetensors --dataset digits\n$/,
    );
  });

  test("without --model and a file of sparse training, the error names the command that makes one", async () => {
    process.chdir(mkdtempSync(join(folder, "empty-")));
    await refused([], 2, /No --model is given/);
    process.chdir(folder);
  });
});
