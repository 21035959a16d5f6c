import { describe, expect, test } from "vitest";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import type { ExportNet } from "../../../src/export/export-net.js";
import { checkTfjsModel } from "../../../src/export/tfjs/model-files/check-tfjs-model.js";
import { MODEL_FILE } from "../../../src/export/tfjs/model-files/file-names.js";
import type { ModelJson } from "../../../src/export/tfjs/model-files/model-json.js";
import { readTfjsModel } from "../../../src/export/tfjs/model-files/read-tfjs-model.js";
import { type TfjsFiles, tfjsModel } from "../../../src/export/tfjs/model-files/tfjs-model.js";
import { tensorValues } from "../../../src/export/tfjs/model-files/weight-tensor.js";
import { byteGridOf } from "../../../src/export/tfjs/nodes/kernel-tensors.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import type { NetWeights } from "../../../src/models/chains/conv-weights.js";
import { gridValue } from "../../../src/quant/numbers/grid-kernel.js";
import { chainModel } from "../../models/chain-model.js";
import { randomWeights } from "../../models/random-weights.js";
import { specOf } from "./cases.js";

const SHARD = "group1-shard1of1.bin";

const spec: ChainSpec = {
  ...specOf({
    description: {
      name: "small",
      convs: [{ width: 4, kernel: 3 }, { width: 6, kernel: 3, groups: 2 }, { kernel: 1 }],
    },
    quantization: {
      weights: { kind: "dorefa", bits: 3 },
      activations: { kind: "dorefa", bits: 3, scale: 0.1 },
    },
    side: 6,
  }),
  form: "baked",
};
const LEVELS = 7;
const onGrid = (value: number): number =>
  Math.fround((2 * Math.round(((value + 1) / 2) * LEVELS) - LEVELS) / LEVELS);

/** A baked net, created without an engine. */
const netOf = (own: ChainSpec, weights: NetWeights): ExportNet => ({
  spec: own,
  dataSet: DIGITS_INFO,
  accuracy: undefined,
  epoch: 1,
  model: chainModel(own, weights),
});
const weights = randomWeights(spec, 1).map((conv, at) =>
  at === 1 ? { ...conv, kernel: conv.kernel.map(onGrid) } : conv,
);
const net = netOf(spec, weights);
const files = tfjsModel(net, "1.2.3");

const jsonOf = (of: TfjsFiles): ModelJson =>
  JSON.parse(new TextDecoder().decode(of.get(MODEL_FILE))) as ModelJson;

const changed = (change: (text: string) => string): TfjsFiles => {
  const text = change(JSON.stringify(jsonOf(files)));
  return new Map([...files, [MODEL_FILE, new TextEncoder().encode(text)]]);
};

const checked = (of: TfjsFiles): void => checkTfjsModel(readTfjsModel(of), net);

test("a model stores quantized kernels as codes, one byte per weight", () => {
  const { weightsManifest, generatedBy } = jsonOf(files);
  expect(generatedBy).toBe("qprune 1.2.3");
  const kernels = weightsManifest[0]?.weights.filter(({ quantization }) => quantization);
  expect(kernels).toEqual(
    [0, 1].map((group) => ({
      name: `conv1/kernel_${group}`,
      shape: [3, 3, 2, 3],
      dtype: "float32",
      quantization: { dtype: "uint8", scale: 2 / LEVELS, min: -1 },
    })),
  );
  const floats = 4 * 3 * 9 + 6 * 10 + 2 * (4 + 6 + 10);
  const unquantized = [...readTfjsModel(files).weights.values()].filter(
    ({ kind, shape }) => kind === "float32" && shape.length > 0,
  );
  expect(unquantized.reduce((sum, { values }) => sum + values.length, 0)).toBe(floats);
});

test("a written model is read as the exported net", () => {
  expect(() => checked(files)).not.toThrow();
});

test("latent weights are refused", () => {
  const latent = netOf({ ...spec, form: "trainable" }, weights);
  expect(() => tfjsModel(latent, "0")).toThrow(/Latent weights cannot be exported/);
});

describe("a model is refused if", () => {
  const shard = files.get(SHARD) as Uint8Array;
  test.each<[string, TfjsFiles, RegExp]>([
    ["model.json is missing", new Map([[SHARD, shard]]), /model\.json is missing/],
    ["model.json is truncated", changed((text) => text.slice(0, 99)), /model\.json is invalid/],
    [
      "the weights are missing",
      new Map([...files].filter(([name]) => name !== SHARD)),
      /shard1of1\.bin is missing/,
    ],
    ["the weights are truncated", new Map([...files, [SHARD, shard.slice(1)]]), /end within/],
    [
      "the weights are too long",
      new Map([...files, [SHARD, new Uint8Array(shard.length + 3)]]),
      /3 surplus bytes/,
    ],
    [
      "a node occurs twice",
      changed((text) => text.replace('"conv0/shifted"', '"conv0/scaled"')),
      /conv0\/scaled occurs twice/,
    ],
    [
      "a node reads a missing one",
      changed((text) => text.replace('"input":["images"', '"input":["photos"')),
      /reads photos/,
    ],
    [
      "no node reads a tensor",
      changed((text) => text.replace('"op":"Const"', '"op":"Relu"')),
      /no node reads the tensor/,
    ],
    [
      "a constant has no tensor",
      changed((text) => text.replace('"op":"Mul"', '"op":"Const"')),
      /has no tensor/,
    ],
    [
      "the signature names no node",
      changed((text) => text.replace('"logits:0"', '"scores:0"')),
      /names scores:0/,
    ],
  ])("%s", (_, broken, message) => {
    expect(() => readTfjsModel(broken)).toThrow(message);
  });

  test.each<[string, TfjsFiles, RegExp]>([
    [
      "an attribute changed",
      changed((text) => text.replace(btoa("SAME"), btoa("VALID"))),
      /node .* is not the same/,
    ],
    ["a code changed", changedByte(0, "uint8"), /conv1\/kernel_0 is not the same/],
    [
      "a scale changed",
      changed((text) => text.replace(`"scale":${2 / LEVELS}`, '"scale":0.25')),
      /conv1\/kernel_0 is not the same/,
    ],
  ])("%s", (_, broken, message) => {
    expect(() => checked(broken)).toThrow(message);
  });
});

/** The files with one byte of the first tensor of a kind changed. */
function changedByte(at: number, kind: "uint8"): TfjsFiles {
  const shard = Uint8Array.from(files.get(SHARD) as Uint8Array);
  let offset = at;
  for (const { shape, quantization } of jsonOf(files).weightsManifest[0]?.weights ?? []) {
    if (quantization?.dtype === kind) break;
    offset += 4 * shape.reduce((product, side) => product * side, 1);
  }
  shard[offset] = 7 - (shard[offset] as number);
  return new Map([...files, [SHARD, shard]]);
}

test("the values of every DoReFa grid are read within one unit in the last place", () => {
  for (let bits = 2; bits <= 8; bits++) {
    const grid = { kind: "dorefa", bits } as const;
    const { scale, min } = byteGridOf(grid);
    const codes = Uint8Array.from({ length: 2 ** bits }, (_, code) => code);
    const about = { name: "all", shape: [codes.length], kind: "uint8" } as const;
    tensorValues({ ...about, values: codes, scale, min }).forEach((value, code) => {
      const meant = gridValue(grid, code);
      expect(Math.abs(value - meant)).toBeLessThanOrEqual(2 ** -23 * Math.abs(meant));
    });
  }
});

test("weights beyond 4 MiB are split into several files", () => {
  const description = { name: "wide", convs: [{ width: 1100, kernel: 1 }, { kernel: 1 }] };
  const quantization = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
  const convs = [...description.convs.slice(0, 1), ...description.convs];
  const spec = specOf({ description: { ...description, convs }, quantization, side: 2 });
  const wide = netOf({ ...spec, form: "baked" }, randomWeights(spec, 2));
  const written = tfjsModel(wide, "0");
  expect([...written.keys()]).toEqual([MODEL_FILE, "group1-shard1of2.bin", "group1-shard2of2.bin"]);
  expect(written.get("group1-shard1of2.bin")).toHaveLength(4 * 2 ** 20);
  expect(() => checkTfjsModel(readTfjsModel(written), wide)).not.toThrow();
});
