import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCheckpoint, writeCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { writeFileAtomically } from "../../src/files/writing/write-file-atomically.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-bn-merge-"));
const home = process.cwd();
const DATA = ["--dataset", "digits", "--train-limit", "200", "--test-limit", "100"];
const TRAIN = [...DATA, "--epochs", "1", "--max-steps", "4", "--json"];
const SMALL = [...TRAIN, "--width", "0.25"];
const TEST = ["--test-limit", "100"];

beforeAll(async () => {
  // The default names are below the folder that the command runs in.
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  expect((await qprune(["wbwtab", ...SMALL])).code).toBe(0);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const BEFORE = "models_save/bn_merge/quan_model.safetensors";
const AFTER = "models_save/bn_merge/quan_bn_merge_model.safetensors";

interface Result {
  mergeSuccessRate: number;
  equalChoices: number;
  before: { file: string; bytes: number; test?: { accuracy: number } };
  after: { file: string; bytes: number; test?: { accuracy: number } };
}
const resultOf = ({ events }: Awaited<ReturnType<typeof qprune>>) => events[0] as never as Result;

test("a file of wbwtab is merged, compared, tested and saved, with the line of the reference scripts", async () => {
  const run = await qprune(["bn-merge", "--W", "2", ...TEST]);
  expect(run.stderr).toBe("");
  expect(run.stdout).toMatch(/^merge_success_rate: (99|100)\.\d\d%$/m);
  expect(run.stdout).toContain(`Saved ${BEFORE}`);
  expect(run.stdout).toContain(`Saved ${AFTER}`);
  const [before, after] = await Promise.all([BEFORE, AFTER].map((file) => loadCheckpoint(file)));
  expect(before?.manifest?.spec.form).toBe("baked");
  expect(after?.manifest?.spec.form).toBe("merged");
  expect([...(after?.state.keys() ?? [])].some((name) => name.includes("running"))).toBe(false);
});

test("bn-merge-test tests both files", async () => {
  const run = await qprune(["bn-merge-test", ...TEST]);
  expect(run.code).toBe(0);
  expect(run.stdout.match(/^Test set: Average loss: .*\/100/gm)).toHaveLength(2);
  expect(run.stdout).toMatch(/Equal predictions: (99|100)\/100/);
  const json = await qprune([
    "bn-merge-test",
    "--before",
    BEFORE,
    "--after",
    AFTER,
    "--json",
    ...TEST,
  ]);
  expect(json.events[0]).toMatchObject({ inputs: 100, before: { file: BEFORE, count: 100 } });
});

test("both files can be evaluated", async () => {
  const accuracies = await Promise.all(
    [BEFORE, AFTER].map(async (file) => {
      const run = await qprune(["wbwtab", "--evaluate", "--resume", file, ...DATA, "--json"]);
      return run.events[0]?.testAccuracy as number;
    }),
  );
  expect(Math.abs((accuracies[0] as number) - (accuracies[1] as number))).toBeLessThanOrEqual(1);
});

test("without --model and the default file, files that can be merged are listed, newest first", async () => {
  const trained = join(folder, "models_save/wbwtab/nin_gc.safetensors");
  const merged = join(folder, AFTER);
  process.chdir(mkdtempSync(join(folder, "other-")));
  try {
    const bare = await qprune(["bn-merge"]);
    expect(bare.stderr).toContain(
      "hint: Give a file with --model FILE, or create one with qprune wbwtab",
    );
    for (const each of ["wqaq", "mine/of may"])
      mkdirSync(`models_save/${each}`, { recursive: true });
    const put = (file: string, name: string, seconds: number): void => {
      copyFileSync(file, `models_save/${name}`);
      utimesSync(`models_save/${name}`, seconds, seconds);
    };
    put(trained, "wqaq/old.safetensors", 100);
    put(trained, "mine/of may/new.safetensors", 200);
    put(trained, "wqaq/old.state.safetensors", 300);
    put(merged, "merged.safetensors", 400);
    writeFileSync("models_save/junk.pth", "no net");
    const { code, stderr } = await qprune(["bn-merge"]);
    expect(code).toBe(2);
    expect(stderr).toContain("No --model is given, and models_save/wbwtab/nin_gc.safetensors");
    expect(stderr.split("\n").slice(2)).toEqual([
      "    --model 'models_save/mine/of may/new.safetensors'",
      "    --model models_save/wqaq/old.safetensors",
      "",
    ]);
  } finally {
    process.chdir(folder);
  }
});

const mixes: [string, string[]][] = [
  ["4/4 bits", ["wqaq", "--arch", "nin", "--Wbits", "4", "--Abits", "4"]],
  ["8/8 bits in groups", ["wqaq", "--Wbits", "8", "--Abits", "8"]],
  ["ternary weights, 8-bit activations", ["wbwtab", "--arch", "nin", "--W", "3", "--Abits", "8"]],
  ["2-bit weights, binary activations", ["wqaq", "--arch", "nin", "--Wbits", "2", "--A", "2"]],
  ["ternary weights with gap", ["wbwtab", "--arch", "nin", "--W", "3", "--A", "32", "--gap"]],
  ["the norm in front", ["wbwtab", "--arch", "nin_bn_conv"]],
  ["full precision", ["prune"]],
];

test.each(mixes)(
  "%s are merged without a flag, and choose the same classes",
  async (name, [command = "", ...flags]) => {
    const save = `${name.replaceAll(/\W/g, "-")}.safetensors`;
    expect((await qprune([command, ...flags, ...SMALL, "--save", save])).code).toBe(0);
    const run = await qprune([
      "bn-merge",
      "--model",
      save,
      "--save",
      `merged-${save}`,
      ...TEST,
      "--json",
    ]);
    expect(run.stderr).toBe("");
    const { equalChoices, before, after } = resultOf(run);
    expect(equalChoices).toBeGreaterThanOrEqual(99);
    expect(after.bytes).toBeLessThan(before.bytes);
    expect(after.file).toBe(`merged-${save}`);
  },
);

test("--dump writes both nets as text, with layers and all values", async () => {
  await qprune(["bn-merge", "--no-test", "--dump", "text"]);
  for (const name of ["quan_model", "quan_bn_merge_model"]) {
    expect(readFileSync(`text/${name}.txt`, "utf8")).toContain("(8): conv");
    const numbers = readFileSync(`text/${name}_para.txt`, "utf8");
    const line = numbers.split("\n")[1]?.split(" ") ?? [];
    expect(line.length).toBeGreaterThan(100);
    expect(line.every((word) => Number.isFinite(Number(word)))).toBe(true);
  }
});

test("the flags give the quantization of a state dict without metadata", async () => {
  const { state } = await loadCheckpoint("models_save/wbwtab/nin_gc.safetensors");
  await writeFileAtomically("bare.safetensors", encodeSafetensors(state, {}));
  const bare = await qprune([
    "bn-merge",
    "--model",
    "bare.safetensors",
    "--W",
    "2",
    "--no-test",
    "--json",
  ]);
  expect(resultOf(bare).equalChoices).toBeGreaterThanOrEqual(99);
});

test("negative and zero gammas keep the predictions", async () => {
  const file = await loadCheckpoint("models_save/wbwtab/nin_gc.safetensors");
  if (!file.manifest) throw new Error("no manifest");
  const state = new Map(file.state);
  const name = "tnn_bin.2.bn.weight";
  const gamma = state.get(name);
  if (!gamma) throw new Error("no gamma");
  const values = new Float32Array(gamma.data.length / 4).map(
    (_, at) => [-1, 0, 0.5, -0.1][at % 4] as number,
  );
  state.set(name, { ...gamma, data: new Uint8Array(values.buffer) });
  await writeCheckpoint("signs.safetensors", state, file.manifest);
  const run = await qprune(["bn-merge", "--model", "signs.safetensors", "--no-test", "--json"]);
  expect(resultOf(run).equalChoices).toBeGreaterThanOrEqual(99);
});

test.each([
  ["a file that is already merged", ["--model", AFTER], /is already merged/],
  ["ternary weights asked of a binary file", ["--W", "3"], /--W 3 asks for ternary \(3\) weights/],
  ["other activations than the file's", ["--Abits", "4"], /--Abits 4 asks for 4 bits/],
  ["a file that is not there", ["--model", "no.safetensors"], /no\.safetensors/],
])("%s is refused with a hint, and nothing is written", async (_, flags, message) => {
  rmSync("models_save/bn_merge", { recursive: true, force: true });
  if (flags.includes(AFTER)) await qprune(["bn-merge", "--no-test"]);
  const run = await qprune(["bn-merge", ...flags, "--no-test", "--save", "refused.safetensors"]);
  expect(run.stderr).toMatch(message);
  expect(run.stderr).toContain("hint:");
  expect(run.code).toBeGreaterThan(0);
  expect(existsSync("refused.safetensors")).toBe(false);
});
