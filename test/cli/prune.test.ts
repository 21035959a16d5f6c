import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyCheckpoint } from "../../src/checkpoint/apply-checkpoint.js";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import { pruneOptions } from "../../src/options/commands/prune-options.js";
import { gammaPercentiles } from "../../src/train/gamma-percentiles.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-prune-"));
const home = process.cwd();
beforeAll(async () => {
  // The default names are below the folder that the command runs in.
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const DATA = ["--dataset", "digits", "--train-limit", "100", "--test-limit", "100"];
const SMALL = [...DATA, "--width", "0.125", "--epochs", "1", "--json"];
const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } };

const epochOf = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
  events.find(({ event }) => event === "epoch");
const fileOf = ({ events }: Awaited<ReturnType<typeof qprune>>) => events.at(-1)?.file;

/** The percentiles of a file's own gammas. */
const percentilesOf = async (path: string) => {
  const checkpoint = await loadCheckpoint(path);
  if (!checkpoint.manifest) throw new Error("no manifest");
  const net = buildNet(checkpoint.manifest.spec, { seed: 1, gammaStart: "ones" });
  applyCheckpoint(net, checkpoint);
  const percentiles = gammaPercentiles(net);
  net.dispose();
  return percentiles;
};

describe("plain training", () => {
  test("trains nin in float under the sequence tnn_bin, from gammas of 1", async () => {
    const run = await qprune(["prune", ...SMALL, "--max-steps", "0"]);
    expect(run.stderr).toBe("");
    expect(run.code).toBe(0);
    expect(fileOf(run)).toBe("models_save/prune/nin.safetensors");
    const { manifest, net } = await loadCheckpoint("models_save/prune/nin.safetensors");
    expect(net).toMatchObject({ arch: "nin", chain: { sequence: "tnn_bin" } });
    expect(manifest?.spec.quantization).toEqual(FLOAT);
    expect(manifest?.spec).toMatchObject({ norm: { isGammaFixed: false } });
    expect(await percentilesOf("models_save/prune/nin.safetensors")).toEqual({
      "30": 1,
      "50": 1,
      "70": 1,
    });
  });

  test("does not report gammas", async () => {
    const run = await qprune(["prune", ...SMALL, "--max-steps", "1"]);
    expect(epochOf(run)).not.toHaveProperty("gammaPercentiles");
    const text = await qprune(["prune", ...SMALL.slice(0, -1), "--max-steps", "1"]);
    expect(text.stdout).not.toContain("gamma");
  });

  test("has the defaults of the reference scripts", () => {
    expect(pruneOptions.parse({})).toMatchObject({
      arch: "nin",
      wd: 1e-7,
      s: 0.0001,
      sparsity_regularization: false,
      lr: 0.01,
      epochs: 300,
      train_batch_size: 50,
      eval_batch_size: 256,
    });
  });
});

describe("sparse training", () => {
  test("accepts -sr --s, and reports percentiles of the gammas after each epoch", async () => {
    const run = await qprune(["prune", "-sr", "--s", "0.001", ...SMALL]);
    expect(run.stderr).toBe("");
    expect(run.code).toBe(0);
    expect(fileOf(run)).toBe("models_save/prune/nin_preprune.safetensors");
    const reported = epochOf(run)?.gammaPercentiles as Record<string, number>;
    expect(Object.keys(reported)).toEqual(["30", "50", "70"]);
    expect(reported).toEqual(await percentilesOf("models_save/prune/nin_preprune.safetensors"));
  });

  test("prints the percentiles on one line", async () => {
    const { stdout } = await qprune(["prune", "-sr", ...SMALL.slice(0, -1), "--max-steps", "0"]);
    expect(stdout).toMatch(/^Percentiles of \|gamma\|: 30% 1\.00, 50% 1\.00, 70% 1\.00$/m);
  });

  test("accepts long names, with the default s of the reference scripts", async () => {
    const percentiles = async (...flags: string[]) =>
      epochOf(await qprune(["prune", ...flags, ...SMALL]))?.gammaPercentiles;
    const sparse = await percentiles("-sr");
    expect(await percentiles("--sparsity-regularization", "--s", "0.0001")).toEqual(sparse);
    expect(await percentiles("--sparsity_regularization", "--s=1e-4")).toEqual(sparse);
    expect(await percentiles("-sr", "--s", "1")).not.toEqual(sparse);
  });

  test("makes gammas smaller than training without a penalty", async () => {
    const medianOf = async (name: string) => (await percentilesOf(name))["50"];
    await qprune(["prune", ...SMALL, "--save", "plain.safetensors"]);
    await qprune(["prune", "-sr", "--s", "1", ...SMALL, "--save", "sparse.safetensors"]);
    expect(await medianOf("sparse.safetensors")).toBeLessThan(await medianOf("plain.safetensors"));
  });
});

describe("sparse training of channel groups", () => {
  const RESNET = [...DATA, "--arch", "resnet20", "--width", "0.5", "--epochs", "1", "--json"];

  /** How far the gammas of a residual stage's coupled norms are apart, relative to their means. */
  const spreadOf = async (path: string): Promise<number> => {
    const { state } = await loadCheckpoint(path);
    const norms = ["bn1", "layer1.0.bn2", "layer1.1.bn2", "layer1.2.bn2"].map(
      (norm) => new Float32Array(Uint8Array.from(state.get(`${norm}.weight`)?.data ?? []).buffer),
    );
    const spreads = [...(norms[0] as Float32Array).keys()].map((channel) => {
      const own = norms.map((gammas) => gammas[channel] as number);
      const mean = own.reduce((sum, gamma) => sum + gamma, 0) / own.length;
      return Math.hypot(...own.map((gamma) => gamma - mean)) / Math.abs(mean);
    });
    return spreads.reduce((sum, spread) => sum + spread, 0) / spreads.length;
  };

  test("keeps the ratios of coupled gammas, which single ones lose", async () => {
    const start = ["prune", ...RESNET, "--lr", "0.1", "--save", "start.safetensors"];
    expect((await qprune(start)).code).toBe(0);
    // The penalty outweighs the images, and each of the two steps takes 0.1 of a single gamma.
    const flags = ["-sr", "--s", "1000", "--optimizer", "sgd", "--momentum", "0", "--lr", "0.0001"];
    const train = (save: string, ...more: string[]) =>
      qprune([
        ...["prune", "--refine", "start.safetensors", ...flags, ...DATA, "--epochs", "1"],
        ...["--save", save, "--json", ...more],
      ]);
    expect((await train("single.safetensors")).code).toBe(0);
    expect((await train("group.safetensors", "--group-lasso")).code).toBe(0);
    const before = await spreadOf("start.safetensors");
    expect(await spreadOf("group.safetensors")).toBeCloseTo(before, 1);
    expect(await spreadOf("single.safetensors")).toBeGreaterThan(1.1 * before);
  });

  test("without sparse training is refused", async () => {
    const run = await qprune(["prune", "--group-lasso", ...RESNET]);
    expect(run.stderr).toContain("--group-lasso is a kind of sparse training, which is off");
    expect(run.code).toBe(2);
  });
});

describe("a net of a file with new weights", () => {
  test("has the widths of the file, and the weights of the seed", async () => {
    const train = (...flags: string[]) =>
      qprune(["prune", ...DATA, "--epochs", "1", "--max-steps", "1", "--json", ...flags]);
    await train("--width", "0.2", "--save", "narrow.safetensors");
    const again = ["--refine", "narrow.safetensors", "--new-weights", "--save"];
    expect((await train(...again, "new.safetensors")).code).toBe(0);
    const [narrow, fresh] = await Promise.all(
      ["narrow.safetensors", "new.safetensors"].map((path) => loadCheckpoint(path)),
    );
    expect(fresh?.manifest?.spec).toEqual(narrow?.manifest?.spec);
    // The same seed draws the same weights, so that the same step follows.
    expect(fresh?.state).toEqual(narrow?.state);
    expect((await train(...again, "other.safetensors", "--seed", "2")).code).toBe(0);
    expect((await loadCheckpoint("other.safetensors")).state).not.toEqual(narrow?.state);
  });

  test("needs a file to refine", async () => {
    const run = await qprune(["prune", "--new-weights", ...SMALL]);
    expect(run.stderr).toContain("--refine is not given");
    expect(run.code).toBe(2);
  });
});

describe("the default file name depends on the kind of run:", () => {
  const nameOf = async (...flags: string[]) => fileOf(await qprune(["prune", ...flags]));
  const start = [...SMALL, "--max-steps", "0"];
  const goOn = [...DATA, "--epochs", "1", "--max-steps", "0", "--json"];

  test.each(["nin", "nin_gc"])("%s", async (arch) => {
    const inFolder = (name: string) => `models_save/prune/${name}.safetensors`;
    const net = ["--arch", arch, ...start];
    expect(await nameOf(...net)).toBe(inFolder(arch));
    expect(await nameOf("-sr", ...net)).toBe(inFolder(`${arch}_preprune`));
    const refine = ["--refine", inFolder(`${arch}_preprune`), ...goOn];
    expect(await nameOf(...refine)).toBe(inFolder(`${arch}_refine`));
    expect(await nameOf("-sr", ...refine)).toBe(inFolder(`${arch}_refine`));
    expect(await nameOf("-sr", "--save", "own.safetensors", ...net)).toBe("own.safetensors");
  });
});

describe("a chain of runs", () => {
  test("runs prune, prune --refine and wqaq --refine without --arch", async () => {
    await qprune(["prune", "-sr", ...SMALL, "--save", "sparse.safetensors"]);
    const goOn = [...DATA, "--epochs", "1", "--max-steps", "1", "--json"];
    const refined = await qprune(["prune", "--refine", "sparse.safetensors", ...goOn]);
    expect(refined.code).toBe(0);
    const quantized = await qprune(["wqaq", "--refine", String(fileOf(refined)), ...goOn]);
    expect(quantized.stderr).toBe("");
    expect(fileOf(quantized)).toBe("models_save/wqaq/nin.safetensors");
    const [before, after] = [
      await loadCheckpoint("sparse.safetensors"),
      await loadCheckpoint("models_save/wqaq/nin.safetensors"),
    ];
    expect(after.net).toEqual({
      ...before.net,
      chain: { ...before.net.chain, sequence: "dorefa" },
    });
    expect(after.manifest?.spec.quantization.weights).toEqual({ kind: "dorefa", bits: 8 });
  });

  test("resumes a float file with --resume, from its best accuracy", async () => {
    await qprune(["prune", ...SMALL, "--save", "float.safetensors"]);
    const { manifest } = await loadCheckpoint("float.safetensors");
    const goOn = [...DATA, "--epochs", "1", "--max-steps", "0", "--json"];
    const run = await qprune(["prune", "-sr", "--resume", "float.safetensors", ...goOn]);
    expect(run.code).toBe(0);
    expect(fileOf(run)).toBe("models_save/prune/nin_preprune.safetensors");
    expect(run.events.at(-1)?.bestAccuracy).toBe(manifest?.accuracy);
  });
});

describe("a quantized file", () => {
  beforeAll(async () => {
    const small = [...SMALL, "--arch", "nin", "--max-steps", "1"];
    await qprune(["wqaq", ...small, "--save", "wqaq.safetensors"]);
    await qprune(["wbwtab", "--W", "3", ...small, "--save", "wbwtab.safetensors"]);
    await qprune(["wqaq", "--W", "32", "--A", "2", ...small, "--save", "mixed.safetensors"]);
  });

  test("is refined into a float net", async () => {
    for (const name of ["wqaq.safetensors", "wbwtab.safetensors"]) {
      const goOn = [...DATA, "--epochs", "1", "--max-steps", "1", "--save", "float.safetensors"];
      expect((await qprune(["prune", "--refine", name, "--quiet", ...goOn])).code).toBe(0);
      const { manifest } = await loadCheckpoint("float.safetensors");
      expect(manifest?.spec.quantization).toEqual(FLOAT);
    }
  });

  test("is evaluated as a quantized net", async () => {
    for (const name of ["wqaq.safetensors", "wbwtab.safetensors"]) {
      const { manifest } = await loadCheckpoint(name);
      const run = await qprune(["prune", "--evaluate", "--resume", name, ...DATA, "--json"]);
      expect(run.stderr).toBe("");
      expect(run.events[0]?.testAccuracy).toBe(manifest?.accuracy);
    }
  });

  test("is not resumed by prune; the error names the command that trains it", async () => {
    for (const [name, command] of [
      ["wqaq.safetensors", "wqaq"],
      ["wbwtab.safetensors", "wbwtab"],
      ["mixed.safetensors", "wbwtab"],
    ] as const) {
      const { code, stderr } = await qprune(["prune", "--resume", name, ...DATA]);
      expect(code).toBe(2);
      expect(stderr).toContain(`${name} is quantized`);
      expect(stderr).toContain(`qprune ${command} --resume`);
    }
  });
});

describe("a wrong call is refused with exit code 2:", () => {
  beforeAll(async () => {
    const small = [...SMALL, "--max-steps", "0"];
    const bacp = ["wbwtab", "--arch", "nin_bn_conv", ...small];
    expect((await qprune([...bacp, "--save", "bacp.safetensors"])).code).toBe(0);
    const fixed = ["wqaq", "--arch", "nin", "--W", "32", "--A", "32", "--fixed-gamma", ...small];
    expect((await qprune([...fixed, "--save", "fixed.safetensors"])).code).toBe(0);
  });

  test.each([
    [["--s", "0.001"], /--s 0\.001 is the strength of sparse training[\s\S]*Add -sr/],
    [["-sr", "--s", "0"], /--s 0: expected a number above 0/],
    [["-sr", "--s", "-1"], /--s -1: expected a number above 0/],
    [["-sr", "--s", "much"], /--s much: expected a number above 0/],
    [
      ["--arch", "nin_bn_conv"],
      /nin_bn_conv is not for float training: it computes on binary activations, and its gammas belong to input/,
    ],
    [
      ["--refine", "bacp.safetensors"],
      /bacp\.safetensors contains nin_bn_conv, which is not for float training: it computes on binary/,
    ],
    [["--resume", "bacp.safetensors"], /bacp\.safetensors contains nin_bn_conv/],
    [
      ["-sr", "--resume", "fixed.safetensors"],
      /fixed\.safetensors keeps its inner gammas at 1[\s\S]*--refine/,
    ],
    [["--evaluate"], /--evaluate needs a file/],
    ...["--Wbits", "--Abits", "--W", "--A", "--alpha", "--gap", "--ste", "--fixed-gamma"].map(
      (flag) => [[flag, "2"], new RegExp(`unknown option '${flag}'`)],
    ),
  ] as [string[], RegExp][])("%j", async (flags, message) => {
    const { code, stdout, stderr } = await qprune(["prune", ...DATA, ...flags]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("hint:");
  });

  test.each([
    [["-sr", "0.001"], "-sr takes no value; write -sr --s 0.001"],
    [
      ["--sparsity-regularization=1e-4"],
      "--sparsity-regularization takes no value; write --sparsity-regularization --s 1e-4",
    ],
    [["-s", "0.001"], "did you mean --s?"],
    [["--learning-rate", "0.001"], "did you mean --lr?"],
    [["--batch-size", "8"], "did you mean --train_batch_size or --eval_batch_size?"],
    [["--optim", "sgd"], "did you mean --optimizer <name>?"],
    [["--device", "cuda"], "qprune computes on the CPU only."],
    [["--from", "a.pth"], "did you mean --refine?"],
    [["--=5"], "see qprune prune --help"],
    [["--sparsity_regularization", "on"], "--sparsity_regularization takes no value; omit on"],
    [
      ["--sparsity", "0.001"],
      "did you mean -sr, --sparsity-regularization, whose value is given by --s?",
    ],
  ] as [string[], string][])("%j is refused with the intended flag", async (flags, hint) => {
    const run = await qprune(["prune", ...flags]);
    expect(run.stderr).toContain(`hint: ${hint}\n`);
    expect(run.stderr).not.toContain("(Did you mean");
    expect(run.code).toBe(2);
  });

  test("the quantizing commands do not accept -sr", async () => {
    const { code, stderr } = await qprune(["wqaq", "-sr", ...DATA]);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option");
  });
});

test("the help shows -sr with its long name, and advice on s", async () => {
  const { stdout, code } = await qprune(["prune", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/-sr, --sparsity-regularization\s/);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    "try 0.0001 for nin, 0.001 for nin_gc (default: 0.0001)",
  );
});

test("a file of nin_bn_conv can be tested, which writes nothing", async () => {
  await qprune(["wbwtab", "--arch", "nin_bn_conv", ...SMALL, "--save", "bacp.safetensors"]);
  const before = readFileSync("bacp.safetensors");
  const names = readdirSync(folder);
  const { manifest } = await loadCheckpoint("bacp.safetensors");
  const run = await qprune([
    "prune",
    "--evaluate",
    "--refine",
    "bacp.safetensors",
    ...DATA,
    "--json",
  ]);
  expect(run.events[0]?.testAccuracy).toBe(manifest?.accuracy);
  expect(readFileSync("bacp.safetensors").equals(before)).toBe(true);
  expect(readdirSync(folder)).toEqual(names);
  expect(existsSync("models_save/prune/nin_bn_conv.safetensors")).toBe(false);
});
