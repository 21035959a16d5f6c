import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-ranges-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const DATA = ["--dataset", "digits", "--test-limit", "100"];
const TRAIN = [...DATA, "--train-limit", "200", "--json", "--num_workers", "0", "--epochs", "1"];
const NETS = {
  nin: ["--arch", "nin", "--width", "0.125"],
  resnet20: ["--arch", "resnet20", "--width", "0.25"],
};

const run = async (...argv: string[]) => {
  const result = await qprune(argv);
  expect(result.stderr).not.toContain("error:");
  return result;
};

describe.each(["nin", "resnet20"] as const)("%s with LSQ and 2 bits", (arch) => {
  const trained = at(`${arch}.safetensors`);
  const merged = at(`${arch}-merged.safetensors`);
  const packed = at(`${arch}-packed.safetensors`);
  const lsq = ["--quantizer", "lsq", "--Wbits", "2", "--Abits", "2"];
  beforeAll(async () => {
    await run("wqaq", ...lsq, ...NETS[arch], ...TRAIN, "--save", trained);
    const save = ["--save", merged, "--save-before", at(`${arch}-before.safetensors`)];
    await run("bn-merge", "--model", trained, ...save, ...DATA);
    await run("export", merged, "--format", "packed", "--save", packed);
  });

  test("its merged and its packed net predict what it predicts", async () => {
    const save = ["--save", at(`${arch}.json`), "--json"];
    const { events } = await run("compare", trained, merged, packed, ...DATA, ...save);
    const text = JSON.stringify(events.at(-1));
    const agreements = [...text.matchAll(/"agreement":\s*([\d.]+)/g)].map(([, share]) =>
      Number(share),
    );
    expect(agreements.length).toBeGreaterThan(0);
    expect(new Set(agreements)).toEqual(new Set([100]));
  });

  test("is exported with its ranges as constants", async () => {
    for (const format of ["onnx", "tfjs"]) {
      const save = ["--save", at(`${arch}-${format}${format === "onnx" ? ".onnx" : ""}`)];
      const { stdout } = await run("export", merged, "--format", format, ...save);
      expect(stdout).toContain("Verified");
    }
  });

  test("keeps its ranges when it is refined with the same bits, and chooses others with other bits", async () => {
    const stepOf = async (path: string) => {
      const { state } = await loadCheckpoint(path);
      const name = [...state.keys()].find((key) => key.endsWith(".weight_step"));
      return Buffer.from(state.get(name as string)?.data ?? []).readFloatLE();
    };
    const refined = at(`${arch}-refined.safetensors`);
    const again = ["--refine", trained, ...TRAIN, "--max-steps", "0", "--save", refined];
    await run("wqaq", ...lsq, ...again);
    expect(await stepOf(refined)).toBe(await stepOf(trained));
    await run("wqaq", "--quantizer", "lsq", "--Wbits", "4", "--Abits", "4", ...again, "--force");
    expect(await stepOf(refined)).not.toBe(await stepOf(trained));
    expect(await stepOf(refined)).toBeGreaterThan(0);
  });
});

test.each([
  [["--Wbits", "1"], /--quantizer lsq trains ranges of 2 to 8 bits, but one bit has only a sign/],
  [["--W", "2", "--A", "2"], /--quantizer lsq has no effect/],
  [["--arch", "squeezenet1_1", "--width", "0.125"], /squeezenet1_1 has none that is quantized/],
])("--quantizer lsq is refused with %s", async (flags, message) => {
  const { code, stderr } = await qprune(["wqaq", "--quantizer", "lsq", ...flags, ...TRAIN]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
