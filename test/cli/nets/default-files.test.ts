import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { weightsState } from "../../../src/checkpoint/tensors/net-weights.js";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { Quantization } from "../../../src/graph/quantizers.js";
import { type ArchitectureName, builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import { randomWeights } from "../../models/random-weights.js";
import { qprune } from "../run.js";

const home = process.cwd();
let folder = "";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qprune-default-files-"));
  // The default names are below the folder that the command runs in.
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const FLOAT: Quantization = { weights: { kind: "float" }, activations: { kind: "float" } };
const BINARY: Quantization = {
  weights: { kind: "binary", hasAlpha: true },
  activations: { kind: "binary", values: "sign", straightThrough: "saturate" },
};
const TERNARY: Quantization = {
  weights: { kind: "ternary", hasAlpha: true, gapRatio: null },
  activations: { kind: "float" },
};

const WIDTHS = { nin: new Array(8).fill(2), nin_gc: [4, 4, 16, 16, 4, 32, 32, 8] };
const specOf = (arch: "nin" | "nin_gc", quantization = FLOAT): ChainSpec =>
  builtInSpec({
    arch: arch satisfies ArchitectureName,
    widths: WIDTHS[arch],
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization,
  });

/** Saves a net under models_save; later calls make newer files. */
let seconds = 1000;
const save = async (name: string, spec: ChainSpec): Promise<string> => {
  const path = join("models_save", name);
  mkdirSync(dirname(path), { recursive: true });
  await writeCheckpoint(path, weightsState(spec, randomWeights(spec, 1)), {
    ...{ spec, dataSet: DIGITS_INFO, epoch: 1, isFinished: true, version: "0.0.0" },
  });
  seconds++;
  utimesSync(path, seconds, seconds);
  return path;
};

/** Files that none of the commands takes. */
const saveUnsuitable = async (command: string): Promise<void> => {
  mkdirSync(`models_save/${command}`, { recursive: true });
  writeFileSync(`models_save/${command}/junk_preprune.pth`, "no net");
  writeFileSync(`models_save/${command}/notes.txt`, "no net");
  const merged = { ...specOf("nin", BINARY), form: "baked" } as const;
  await save(`${command}/baked_preprune.safetensors`, merged);
  await save(`${command}/nin_preprune.state.safetensors`, specOf("nin"));
};

const QUICK = ["--no-test", "--json"];
const taken = ({ events }: Awaited<ReturnType<typeof qprune>>) => events[0]?.model;

describe("bn-merge", () => {
  const USUAL = "models_save/wbwtab/nin_gc.safetensors";

  test.each([
    [[], "qprune wbwtab"],
    [["--W", "3", "--A", "32"], "qprune wbwtab --W 3 --A 32"],
  ])("%j with nothing saved names the training that fits", async (flags, make) => {
    const { code, stderr } = await qprune(["bn-merge", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: No --model is given, and ${USUAL} does not exist.\n  hint: Give a file with --model FILE, or create one with ${make}\n`,
    );
  });

  test("suggests no file that does not match the flags", async () => {
    await saveUnsuitable("wbwtab");
    await save("prune/nin.safetensors", specOf("nin"));
    await save("wbwtab/nin.safetensors", specOf("nin", TERNARY));
    const { code, stderr } = await qprune(["bn-merge", "--W", "2"]);
    expect(code).toBe(2);
    expect(stderr).not.toContain("--model models_save");
  });

  test("suggests matching files in other folders", async () => {
    await save("prune/nin.safetensors", specOf("nin"));
    const mine = await save("mine/binary.safetensors", specOf("nin", BINARY));
    const { code, stderr } = await qprune(["bn-merge", "--W", "2"]);
    expect(code).toBe(2);
    expect(stderr.match(/--model \S+\.safetensors/g)).toEqual([`--model ${mine}`]);
  });

  test("uses the newest file of wbwtab that matches --W, and reports it", async () => {
    await save("wbwtab/older.safetensors", specOf("nin", BINARY));
    const newer = await save("wbwtab/nin.safetensors", specOf("nin", BINARY));
    const ternary = await save("wbwtab/ternary.safetensors", specOf("nin", TERNARY));
    await saveUnsuitable("wbwtab");
    for (const [flags, file] of [
      [["--W", "2"], newer],
      [["--W", "2", "--A", "2"], newer],
      [["--W", "3"], ternary],
      [["--A", "32"], ternary],
      [[], ternary],
    ] as const) {
      const run = await qprune(["bn-merge", ...flags, ...QUICK]);
      expect(run.stderr).toBe(`No --model is given, and ${USUAL} does not exist: using ${file}\n`);
      expect(taken(run)).toBe(file);
    }
  });

  test("prefers a matching default to newer files, and otherwise uses another matching file", async () => {
    const usual = await save("wbwtab/nin_gc.safetensors", specOf("nin_gc", BINARY));
    const other = await save("wbwtab/nin.safetensors", specOf("nin", TERNARY));
    const run = await qprune(["bn-merge", ...QUICK]);
    expect([run.stderr, taken(run)]).toEqual(["", usual]);
    const ternary = await qprune(["bn-merge", "--W", "3", ...QUICK]);
    expect(ternary.stderr).toBe(
      `No --model is given, and ${USUAL} does not match the other flags: using ${other}\n`,
    );
    expect(taken(ternary)).toBe(other);
    const { code, stderr } = await qprune(["bn-merge", "--Wbits", "8"]);
    expect(code).toBe(2);
    expect(stderr).toContain(`--Wbits 8 asks for 8 bits (DoReFa) weights, but ${USUAL} has`);
  });

  test("reports a damaged default instead of using another file", async () => {
    await save("wbwtab/nin.safetensors", specOf("nin", BINARY));
    writeFileSync(USUAL, "no net");
    const { code, stderr } = await qprune(["bn-merge"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(USUAL);
  });
});

describe.each([
  ["normal-regular-prune", "nin", "nin_gc", "qprune prune -sr --s 0.001"],
  ["gc-prune", "nin_gc", "nin", "qprune prune --arch nin_gc -sr --s 0.001"],
] as const)("%s", (command, arch, otherArch, make) => {
  const usual = `models_save/prune/${arch}_preprune.safetensors`;
  const missing = `No --model is given, and ${usual} does not exist`;
  const DRY = ["--dry-run", "--json"];

  test("names the training command if there are no files", async () => {
    const { code, stderr } = await qprune([command]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: ${missing}.\n  hint: Give a file with --model FILE, or create one with ${make}\n`,
    );
  });

  test("suggests no file that it cannot prune", async () => {
    await saveUnsuitable("prune");
    expect((await qprune([command])).stderr).not.toContain("--model models_save");
    await save("prune/other.safetensors", specOf(arch));
    const { stderr } = await qprune([command, "--layers", "12"]);
    expect(stderr).not.toContain("--model models_save");
  });

  test("uses the only other sparsely trained net of its kind, and reports it", async () => {
    await saveUnsuitable("prune");
    await save("prune/plain.safetensors", specOf(arch));
    await save("prune/other_preprune.safetensors", specOf(otherArch));
    const own = await save("prune/own_preprune.pth", specOf(arch));
    const run = await qprune([command, ...DRY]);
    expect(run.stderr).toBe(`${missing}: using ${own}\n`);
    expect(taken(run)).toBe(own);
  });

  test("does not choose between several nets, nor use one that was not trained sparsely", async () => {
    const plain = await save("prune/plain.safetensors", specOf(arch));
    const alone = await qprune([command, ...DRY]);
    expect([alone.code, alone.stderr.includes(`--model ${plain}\n`)]).toEqual([2, true]);
    const one = await save("prune/one_preprune.safetensors", specOf(arch));
    const two = await save("mine/two_preprune.safetensors", specOf(arch));
    await save("prune/three_preprune.safetensors", specOf(arch));
    const { code, stderr } = await qprune([command, ...DRY]);
    expect(code).toBe(2);
    expect(stderr.match(/models_save\/\S+\.safetensors$/gm)).toEqual([
      "models_save/prune/three_preprune.safetensors",
      two,
      one,
      plain,
    ]);
  });
});

describe("bn-merge-test", () => {
  const BEFORE = "models_save/bn_merge/quan_model.safetensors";
  const AFTER = "models_save/bn_merge/quan_bn_merge_model.safetensors";
  const TEST = ["bn-merge-test", "--dataset", "digits", "--test-limit", "2", "--json"];
  const filesOf = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
    (["before", "after"] as const).map(
      (side) => (events[0]?.[side] as { file: string } | undefined)?.file,
    );
  const merge = async (name: string, flags: readonly string[]): Promise<void> => {
    const model = await save(`${name}.safetensors`, specOf("nin", BINARY));
    const run = await qprune(["bn-merge", "--model", model, ...flags, ...QUICK]);
    expect(run.code).toBe(0);
  };

  test("names the merge command if there are no files", async () => {
    const { code, stderr } = await qprune(TEST);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: Neither ${BEFORE} nor ${AFTER} exists.\n  hint: Create both with qprune bn-merge, or give --before FILE and --after FILE.\n`,
    );
  });

  test("uses the only file in the default folder that is from the same merge", async () => {
    mkdirSync("models_save/bn_merge", { recursive: true });
    const mine = "models_save/bn_merge/mine.safetensors";
    await merge("wbwtab/nin", ["--save", mine]);
    await saveUnsuitable("bn_merge");
    const run = await qprune(TEST);
    expect(run.stderr).toBe(`No --after is given, and ${AFTER} does not exist: using ${mine}\n`);
    expect(filesOf(run)).toEqual([BEFORE, mine]);
    rmSync(BEFORE);
    const baked = "models_save/bn_merge/baked_preprune.safetensors";
    const swapped = await qprune([...TEST, "--after", mine]);
    expect(swapped.stderr).toBe(
      `No --before is given, and ${BEFORE} does not exist: using ${baked}\n`,
    );
    rmSync(baked);
    rmSync("models_save/wbwtab", { recursive: true });
    const { code, stderr } = await qprune([...TEST, "--after", mine]);
    expect(code).toBe(2);
    expect(stderr).toContain(`No --before is given, and ${BEFORE} does not exist.`);
    expect(stderr).not.toContain("--before models_save");
  });

  test("suggests only files from the same merge, and does not choose between several", async () => {
    mkdirSync("models_save/bn_merge", { recursive: true });
    for (const name of ["one", "two"])
      await merge("wbwtab/nin", ["--save", `models_save/bn_merge/${name}.safetensors`]);
    const { code, stderr } = await qprune(TEST);
    expect(code).toBe(2);
    expect(stderr.match(/--after models_save\S+/g)?.sort()).toEqual([
      "--after models_save/bn_merge/one.safetensors",
      "--after models_save/bn_merge/two.safetensors",
    ]);
  });

  test("refuses two files from different merges", async () => {
    await merge("wbwtab/nin", []);
    const other = await save("wqaq/other.safetensors", specOf("nin", TERNARY));
    const { code, stderr } = await qprune([...TEST, "--before", other]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `${AFTER} and ${other} are not from the same merge: one is nin (cfg 2,2,2`,
    );
    expect(stderr).toContain("qprune compare");
  });
});
