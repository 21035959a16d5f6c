import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { packModel, writePackedCheckpoint } from "../../src/checkpoint/packed/pack-model.js";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { CIFAR } from "../../src/data/cifar/cifar.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import type { WeightQuantization } from "../../src/graph/quantizers.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { denseOf, exportNet } from "../checkpoint/packed/export-nets.js";
import { binaryActivations } from "../models/quantizations.js";
import { randomWeights } from "../models/random-weights.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-summary-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, `${name}.safetensors`);

const FLOAT = { kind: "float" } as const;

const specOf = (arch: "nin" | "nin_gc", weights: WeightQuantization) =>
  builtInSpec({
    arch,
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "dorefa",
    quantization: { weights, activations: binaryActivations },
  });

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  const about = {
    dataSet: CIFAR.cifar10.info,
    accuracy: 87.65,
    epoch: 3,
    isFinished: true,
    version: "test",
  };
  const spec = specOf("nin_gc", { kind: "binary", hasAlpha: true });
  const weights = randomWeights(spec, 1);
  await writeCheckpoint(at("trained"), weightsState(spec, weights), { ...about, spec });
  for (const form of ["baked", "merged"] as const) {
    const net = exportNet(spec, form, weights);
    await writeCheckpoint(at(form), denseOf(net), { ...about, spec: net.spec });
    const packed = packModel(net.model, "int8");
    await writePackedCheckpoint(at(`${form}-packed`), packed, { ...about, spec: net.spec });
  }
  const wide = specOf("nin_gc", { kind: "dorefa", bits: 8 });
  await writeCheckpoint(at("dorefa"), weightsState(wide, randomWeights(wide, 1)), {
    ...about,
    spec: wide,
  });
  const float = specOf("nin", { kind: "float" });
  const bare = encodeSafetensors(weightsState(float, randomWeights(float, 1)), {});
  writeFileSync(at("bare"), Buffer.concat(bare));
  const ternary = specOf("nin", { kind: "ternary", hasAlpha: true, gapRatio: null });
  const half = { ...ternary, quantization: { ...ternary.quantization, activations: FLOAT } };
  await writeCheckpoint(at("ternary"), weightsState(half, randomWeights(half, 1)), {
    ...about,
    spec: half,
  });
});

const FILES = ["trained", "baked", "merged", "baked-packed", "merged-packed", "dorefa", "bare"];

describe("summary", () => {
  test.each(FILES)("prints a full-size net in 100 columns: %s", async (name) => {
    const { stdout, stderr, code } = await qprune(["summary", at(name)]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    // The first line has the file's path, which may be as long as it likes.
    for (const line of stdout.split("\n").slice(1)) expect(line.length).toBeLessThanOrEqual(100);
    for (const word of ["kernel", "W/A", "MACs", "packed B", "total", "entropy", "dead"])
      expect(stdout).toContain(word);
  });

  test("prints one JSON object with exact numbers", async () => {
    const { events, stdout } = await qprune(["summary", at("trained"), "--json"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    const [result] = events as unknown as [
      {
        layers: { name: string; codes: { counts: number[] }; shape: number[] }[];
        total: Record<string, number>;
      },
    ];
    expect(result).toMatchObject({
      arch: "nin_gc",
      form: "trainable",
      isPacked: false,
      accuracy: 87.65,
      dataSet: "cifar10",
      fileBytes: statSync(at("trained")).size,
    });
    expect(result.layers).toHaveLength(9);
    expect(result.layers[1]).toMatchObject({
      name: "dorefa.2.conv",
      kind: "grouped conv",
      shape: [256, 128, 1, 1],
      groups: 2,
      weightBits: 1,
      inputBits: 1,
      macs: 32 * 32 * 256 * 128,
      binaryOps: 32 * 32 * 256 * 128,
    });
    const { counts } = (result.layers[1] as (typeof result.layers)[0]).codes;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(256 * 128);
    expect(result.total.packedBytes).toBeLessThan((result.total.float32Bytes as number) / 5);
  });

  test("lists the content of a packed file", async () => {
    const { stdout, events } = await qprune(["summary", at("merged-packed"), "--json"]);
    expect(events[0]).toMatchObject({ form: "merged", isPacked: true });
    const reported = JSON.parse(stdout) as { total: { packedBytes: number }; fileBytes: number };
    const header = reported.fileBytes - reported.total.packedBytes;
    expect(header).toBeGreaterThan(0);
    expect(header).toBeLessThan(12_000);
    const text = await qprune(["summary", at("baked-packed")]);
    expect(text.stdout).toContain("nin_gc, quantized, packed");
    expect(text.stdout).toContain("8/32");
  });

  test("names quantized weights and inputs by their kinds, others by their bits", async () => {
    const columns = async (name: string): Promise<string[]> => {
      const { stdout } = await qprune(["summary", at(name)]);
      return stdout.split("\n").slice(3, 6);
    };
    const [titles, first, second] = await columns("ternary");
    expect(titles).not.toContain("binary");
    expect(first).toContain(" 32/32 ");
    expect(second).toContain(" ternary/32 ");
    const binary = await columns("trained");
    expect(binary[0]).toContain(" binary ");
    expect(binary[2]).toContain(" binary/binary ");
    expect((await columns("dorefa"))[2]).toContain(" 8/binary ");
  });

  test("reports how a state dict without metadata is treated", async () => {
    const { stdout } = await qprune(["summary", at("bare")]);
    expect(stdout).toContain("treated as full precision: the file does not record it");
  });

  test("refuses a file that is not a model", async () => {
    for (const argv of [
      ["gone.safetensors"],
      [at("trained"), "--arch", "vgg"],
      [at("trained"), "--arch", "nin"],
    ]) {
      const run = await qprune(["summary", ...argv]);
      expect(run.code).toBeGreaterThan(0);
      expect(run.stderr).toContain("hint:");
      expect(run.stdout).toBe("");
    }
  });
});
