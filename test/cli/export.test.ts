import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint, writeCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { chainSpecOf } from "../../src/models/net-spec.js";
import { mergedChain } from "../models/chain-model.js";
import { readNetWeights, weightsState } from "../models/net-weights.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-export-"));
const home = process.cwd();
const DATA = ["--dataset", "digits", "--test-limit", "80"];
const SMALL = ["--width", "0.25", "--max-steps", "5", "--epochs", "1", "--train-limit", "300"];

const train = async (command: string, name: string, flags: string[]): Promise<void> => {
  const file = ["--save", `${name}.safetensors`, "--quiet"];
  const { code } = await qprune([command, ...DATA, ...SMALL, ...flags, ...file]);
  expect(code).toBe(0);
};

beforeAll(async () => {
  process.chdir(folder);
  await loadEngine({ engine: "native", notify: () => {} });
  await train("wbwtab", "binary", ["--arch", "nin", "--W", "2", "--A", "2"]);
  await train("wbwtab", "ternary", ["--W", "3", "--A", "2", "--gap"]);
  await train("wqaq", "dorefa", ["--Wbits", "3", "--Abits", "4"]);
  await train("prune", "float", ["--arch", "nin"]);
  const { manifest, ...file } = await loadCheckpoint("binary.safetensors");
  if (!manifest) throw new Error("no manifest");
  const spec = chainSpecOf(manifest.spec, "binary.safetensors");
  const weights = readNetWeights({ ...file, manifest }, spec);
  const merged = mergedChain(spec, weights);
  await writeCheckpoint("merged.safetensors", merged.state, { ...manifest, spec: merged.spec });
  // A latent weight of 0 has the sign 0.
  const zeroed = weights.map((conv, at) => ({
    ...conv,
    kernel: at === 2 ? conv.kernel.map((weight, i) => (i === 5 ? 0 : weight)) : conv.kernel,
  }));
  await writeCheckpoint("zeroed.safetensors", weightsState(spec, zeroed), manifest);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const exportOf = (name: string, ...flags: string[]) =>
  qprune(["export", `${name}.safetensors`, ...flags]);

const packedAs = async (name: string, ...flags: string[]) => {
  const save = `${name}-packed.safetensors`;
  const run = await exportOf(name, "--save", save, "--force", "--json", ...flags);
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  return { save, result: run.events[0] as Record<string, never> };
};

const lossOf = async (command: string, file: string): Promise<unknown> => {
  const run = await qprune([command, "--evaluate", "--resume", file, ...DATA, "--json"]);
  expect(run.stderr).toBe("");
  return run.events[0]?.testLoss;
};

describe("export --format packed", () => {
  test.each(["binary", "ternary", "dorefa", "merged"])(
    "writes a file that computes what the net computed, whatever command tests it: %s",
    async (name) => {
      const { save, result } = await packedAs(name);
      const { bytes, float32Bytes } = result as unknown as Record<string, number>;
      expect(statSync(save).size).toBe(bytes);
      expect(bytes).toBeLessThan((float32Bytes as number) / 2);
      const loss = await lossOf("wqaq", `${name}.safetensors`);
      expect(loss).toBeGreaterThan(0);
      for (const command of ["wqaq", "wbwtab", "prune"])
        expect(await lossOf(command, save), command).toBe(loss);
    },
  );

  test("records form, accuracy, data set and how kernels are packed", async () => {
    const { save } = await packedAs("dorefa");
    const [before, after] = await Promise.all(
      ["dorefa.safetensors", save].map((each) => loadCheckpoint(each)),
    );
    expect(after?.manifest?.spec).toEqual({ ...before?.manifest?.spec, form: "baked" });
    expect(after?.manifest?.accuracy).toBe(before?.manifest?.accuracy);
    expect(after?.manifest?.dataSet).toEqual(before?.manifest?.dataSet);
    expect(after?.packing?.kernels["dorefa.2.conv.weight"]).toMatchObject({
      grid: "dorefa",
      bits: 3,
    });
    expect((await loadCheckpoint((await packedAs("merged")).save)).manifest?.spec.form).toBe(
      "merged",
    );
  });

  test("drops the codes that only training needs", async () => {
    expect((await loadCheckpoint("ternary.safetensors")).manifest?.ternaryCodes).toBeDefined();
    const { save } = await packedAs("ternary");
    expect((await loadCheckpoint(save)).manifest?.ternaryCodes).toBeUndefined();
  });

  test("packs a packed file to the same bytes", async () => {
    const { save } = await packedAs("binary");
    copyFileSync(save, "again.safetensors");
    const { save: second } = await packedAs("again");
    expect((await loadCheckpoint(second)).state).toEqual((await loadCheckpoint(save)).state);
    expect(statSync(second).size).toBe(statSync(save).size);
  });

  test("prints a notice if a binary kernel contains a zero and so takes two bits", async () => {
    const { save, result } = await packedAs("zeroed");
    expect(result.notices).toEqual([
      "tnn_bin.3.conv.weight contains zeros as well as -1 and 1, so it takes 2 bits per weight, not 1.",
    ]);
    const { packing } = await loadCheckpoint(save);
    expect(packing?.kernels["tnn_bin.3.conv.weight"]?.bits).toBe(2);
    expect(packing?.kernels["tnn_bin.2.conv.weight"]?.bits).toBe(1);
  });

  test("rounds the first and last layers to int8 with --edges, and tests the effect", async () => {
    const save = ["--save", "int8.safetensors", "--force"];
    const run = await exportOf("dorefa", "--edges", "int8", ...save, "--test-limit", "80");
    expect(run.stdout).toMatch(/Accuracy before \d+\.\d\d%, with rounded kernels \d+\.\d\d% \(80/);
    const { save: whole } = await packedAs("dorefa");
    expect(statSync("int8.safetensors").size).toBeLessThan(statSync(whole).size - 10_000);
    expect((await loadCheckpoint("int8.safetensors")).manifest?.accuracy).toBeUndefined();
    const untested = await exportOf("dorefa", "--edges", "int8", ...save, "--no-test", "--json");
    expect(untested.events[0]?.tests).toEqual({ kind: "untested", why: "--no-test" });
    expect(await lossOf("wqaq", "int8.safetensors")).not.toBe(await lossOf("wqaq", whole));
  });

  test("shows what the bytes are used for, and the sizes", async () => {
    const { stdout } = await exportOf("binary", "--save", "shown.safetensors");
    for (const words of [
      "kernels of -1 1",
      "1 bit each",
      "float kernels",
      "header",
      "Verified: all",
    ])
      expect(stdout).toContain(words);
    const { size } = statSync("shown.safetensors");
    expect(stdout).toMatch(
      new RegExp(`Saved shown\\.safetensors: ${size} bytes; .*float32 take \\d+`),
    );
  });

  test("prints the command that tests the file, and why nothing was tested", async () => {
    const { stdout } = await exportOf("ternary", "--save", "my ternary.safetensors", "--test");
    const accuracy = (await loadCheckpoint("ternary.safetensors")).manifest?.accuracy?.toFixed(2);
    expect(stdout).toContain(
      `Not tested: no number was rounded, so it is as accurate as ternary.safetensors (${accuracy}%).`,
    );
    expect(stdout).toMatch(
      /\nNext: qprune wbwtab --evaluate --resume 'my ternary\.safetensors'\n$/,
    );
    const run = await qprune(["wbwtab", "--evaluate", "--resume", "my ternary.safetensors"]);
    expect(run.stdout).toContain(`Accuracy: `);
    expect(run.code).toBe(0);
  });

  test("names the images in that command as its own call did", async () => {
    const { result } = await packedAs("dorefa", "--data", "my photos");
    expect(result.next).toBe(
      "qprune wqaq --evaluate --resume dorefa-packed.safetensors --data 'my photos'",
    );
  });

  test("writes to models_save without --save", async () => {
    const run = await exportOf("binary");
    expect(run.code).toBe(0);
    expect(existsSync("models_save/export/binary_packed.safetensors")).toBe(true);
  });
});

describe("export --format safetensors", () => {
  test("writes the quantized weights themselves, under PyTorch's names", async () => {
    const save = "dense.safetensors";
    const run = await exportOf("ternary", "--format", "safetensors", "--save", save, "--json");
    expect(run.events[0]).toMatchObject({ form: "baked", format: "safetensors" });
    const [dense, before] = await Promise.all(
      [save, "ternary.safetensors"].map((each) => loadCheckpoint(each)),
    );
    expect([...(dense?.state.keys() ?? [])]).toEqual([...(before?.state.keys() ?? [])]);
    const { kernel } = readNetWeights(dense as never, dense?.manifest?.spec as never)[1] as {
      kernel: Float32Array;
    };
    expect(new Set(kernel.subarray(0, 32).map(Math.abs)).size).toBe(2);
    expect(await lossOf("wqaq", save)).toBe(await lossOf("wqaq", "ternary.safetensors"));
  });

  test("keeps a merged net merged, and reports a full-precision net", async () => {
    const save = ["--format", "safetensors", "--save", "dense2.safetensors", "--force", "--json"];
    expect((await exportOf("merged", ...save)).events[0]).toMatchObject({ form: "merged" });
    const { notices } = (await exportOf("float", ...save)).events[0] as { notices: string[] };
    expect(notices.join()).toContain("full precision");
  });

  test("accepts a state dict without metadata, and reports how it is treated", async () => {
    const { state } = await loadCheckpoint("float.safetensors");
    writeFileSync("bare.safetensors", Buffer.concat(encodeSafetensors(state, {})));
    const save = ["--format", "safetensors", "--save", "dense3.safetensors", "--json"];
    const { notices } = (await exportOf("bare", ...save)).events[0] as { notices: string[] };
    expect(notices.join()).toContain("does not record how it was trained");
  });
});

describe("exported files", () => {
  const trainings = ["--resume", "--refine"].flatMap((flag) =>
    ["wqaq", "wbwtab", "prune"].map((command) => [command, flag] as const),
  );
  test.each(trainings)("cannot be trained: %s %s", async (command, flag) => {
    const { save } = await packedAs("binary");
    for (const [file, what] of [
      [save, /contains packed, quantized weights, which cannot be trained/],
      ["merged.safetensors", /contains merged weights, which cannot be trained/],
    ] as const) {
      const run = await qprune([command, flag, file, ...DATA, "--save", "never.safetensors"]);
      expect(run.stderr).toMatch(what);
      expect(run.stderr).toContain("hint: Continue with the trained file that it was made from");
      expect(run.code).toBe(2);
    }
    expect(existsSync("never.safetensors")).toBe(false);
  });

  test("cannot be tested with the description of a file of another form", async () => {
    const { save } = await packedAs("binary");
    const both = ["--refine", "binary.safetensors", "--resume", save];
    const run = await qprune(["wbwtab", "--evaluate", ...both, ...DATA]);
    expect(run.stderr).toMatch(/contains trainable weights, which contradicts binary-packed/);
    expect(run.code).toBe(2);
  });

  test.each(["normal-regular-prune", "gc-prune"])("cannot be pruned: %s", async (command) => {
    const { save } = await packedAs("binary");
    for (const file of [save, "merged.safetensors"]) {
      const run = await qprune([command, "--model", file, "--save", "never.safetensors"]);
      expect(run.stderr).toMatch(/contains (quantized|merged) weights, which cannot be pruned/);
      expect(run.stderr).toContain("hint: Prune the trained file that it was made from");
      expect(run.code).toBe(2);
    }
  });
});

describe("an error:", () => {
  const refused = async (argv: string[], message: RegExp, code = 2): Promise<void> => {
    const run = await qprune(["export", ...argv]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint:");
    expect(run.stderr).not.toContain("    at ");
    expect(run.stdout).toBe("");
    expect(run.code).toBe(code);
  };

  test("a float net has nothing to pack; the error has its size", () =>
    refused(
      ["float.safetensors", "--save", "never.safetensors"],
      /full precision, so there is nothing to pack; in float32 they take \d{6} bytes/,
    ));

  test("an existing file is not overwritten without --force", async () => {
    writeFileSync("mine.safetensors", "mine");
    await refused(
      ["binary.safetensors", "--save", "mine.safetensors"],
      /mine\.safetensors already exists and would be overwritten/,
    );
    await refused(
      ["binary.safetensors", "--save", "binary.safetensors"],
      /binary\.safetensors already exists and would be overwritten/,
    );
    expect(statSync("mine.safetensors").size).toBe(4);
    const forced = await exportOf("binary", "--save", "mine.safetensors", "--force");
    expect(forced.code).toBe(0);
  });

  test.each([
    [["binary.safetensors", "--save", "net.bin"], /the name must end in \.safetensors/],
    [["binary.safetensors", "--save", "no/net.safetensors"], /The folder of --save does not exist/],
    [
      ["binary.safetensors", "--format", "coreml"],
      /--format coreml: expected packed or safetensors/,
    ],
    [
      ["binary.safetensors", "--format", "safetensors", "--edges", "int8"],
      /--edges is not an option of --format safetensors/,
    ],
    [[], /missing required argument 'file'/],
  ] as [string[], RegExp][])("%j", (argv, message) => refused(argv, message));

  test("a missing file, and one that is not a checkpoint", async () => {
    await refused(["gone.safetensors"], /gone\.safetensors/, 1);
    writeFileSync("junk.safetensors", "junk");
    await refused(["junk.safetensors"], /junk\.safetensors/, 1);
  });

  test("leaves no files", () => {
    expect(readdirSync(folder).filter((name) => /never|tmp/.test(name))).toEqual([]);
  });
});
