import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { loadCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import {
  type FirstLastFormat,
  packModel,
  writePackedCheckpoint,
} from "../../../src/checkpoint/packed/pack-model.js";
import type { Packing } from "../../../src/checkpoint/packed/packing.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { encodeSafetensors } from "../../../src/formats/safetensors/encode-safetensors.js";
import { readSafetensors } from "../../../src/formats/safetensors/read-safetensors.js";
import type {
  SafetensorsFile,
  StoredTensor,
} from "../../../src/formats/safetensors/stored-tensor.js";
import { float32Tensor } from "../../../src/formats/safetensors/tensor-values.js";
import type { WeightQuantization } from "../../../src/graph/quantizers.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import { exportNet, smallSpec } from "./export-nets.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const write = async (name: string, weights: WeightQuantization, edges: FirstLastFormat) => {
  const net = exportNet(smallSpec({ weights }), "baked");
  await writePackedCheckpoint(at(name), packModel(net.model, edges), {
    ...net,
    isFinished: true,
    version: "test",
  });
  return readSafetensors(at(name));
};

let ternary: SafetensorsFile;
let int8: SafetensorsFile;
let packing: Packing;
let spec: ChainSpec;
beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
  ternary = await write("honest", { kind: "ternary", hasAlpha: true, gapRatio: null }, "float32");
  int8 = await write("int8", { kind: "dorefa", bits: 3 }, "int8");
  packing = JSON.parse(ternary.metadata.packing ?? "") as Packing;
  spec = JSON.parse(ternary.metadata.spec ?? "") as ChainSpec;
});

// A kernel [9, 4, 1, 1] of 36 weights in 9 bytes.
const KERNEL = "dorefa.2.conv.weight";
const [CODES, SCALE] = [`${KERNEL}_codes`, `${KERNEL}_scale`];

interface Lie {
  readonly file?: SafetensorsFile;
  readonly tensors?: Readonly<Record<string, StoredTensor | undefined>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const refusal = async ({ file = ternary, tensors = {}, metadata = {} }: Lie): Promise<string> => {
  const changed = new Map(file.tensors);
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor) changed.set(name, tensor);
    else changed.delete(name);
  }
  const told = Object.entries(metadata).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const bytes = encodeSafetensors(changed, { ...file.metadata, ...Object.fromEntries(told) });
  writeFileSync(at("lie"), Buffer.concat(bytes));
  const error = await loadCheckpoint(at("lie")).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(QpruneError);
  expect((error as QpruneError).hint).toBeTruthy();
  return (error as QpruneError).message;
};

const withKernel = (change: object, name = KERNEL): Lie => ({
  metadata: {
    packing: {
      ...packing,
      kernels: { ...packing.kernels, [name]: { ...packing.kernels[KERNEL], ...change } },
    },
  },
});

const bytes = (...values: number[]): StoredTensor => ({
  dtype: "U8",
  shape: [values.length],
  data: Uint8Array.from(values),
});

const changedCodes = (place: number, value: number, file = ternary, name = CODES): Lie => {
  const codes = [...(file.tensors.get(name)?.data ?? [])];
  codes[place] = value;
  return { file, tensors: { [name]: bytes(...codes) } };
};

describe("a packed file is refused before anything is unpacked", () => {
  test("if the description of its kernels is damaged", async () => {
    for (const lie of ["", "nonsense", "[]", "null", '{"version":1}'])
      expect(await refusal({ metadata: { packing: lie } })).toMatch(/packed kernels is damaged/);
    expect(await refusal({ metadata: { packing: { ...packing, version: 2 } } })).toMatch(/version/);
    for (const change of [
      { bits: 0 },
      { bits: 9 },
      { bits: 1.5 },
      { bits: 1e9 },
      { grid: "float" },
      { shape: [9, 4, 1] },
      { shape: [9, 4, 1, 0] },
      { shape: [9, 4, 1, -1] },
      { more: 1 },
    ])
      expect(await refusal(withKernel(change))).toMatch(/packed kernels is damaged/);
  });

  test("if a kernel does not belong to its net, or has another shape", async () => {
    expect(await refusal(withKernel({}, "dorefa.99.conv.weight"))).toMatch(
      /does not belong to its net/,
    );
    expect(await refusal(withKernel({}, "__proto__x"))).toMatch(/does not belong to its net/);
    expect(await refusal(withKernel({ shape: [9, 4, 1, 2] }))).toMatch(/has shape \[9,4,1,2\]/);
    expect(await refusal(withKernel({ shape: [1e15, 1e15, 1e15, 1] }))).toMatch(/has shape/);
  });

  test("if grid and bits do not match each other or the net's quantization", async () => {
    expect(await refusal(withKernel({ grid: "binary" }))).toMatch(/binary weights do not have 2/);
    expect(await refusal(withKernel({ grid: "int8" }))).toMatch(/int8 weights do not have 2 bits/);
    expect(await refusal(withKernel({ grid: "dorefa" }))).toMatch(
      /is dorefa, but its net's weights are/,
    );
    expect(await refusal(withKernel({ grid: "int8", bits: 8 }))).toMatch(/is int8, but its net's/);
    const first = { grid: "ternary", bits: 2, shape: [12, 3, 3, 3] };
    expect(await refusal(withKernel(first, "dorefa.0.weight"))).toMatch(
      /its net does not quantize it/,
    );
    const dorefa = { ...spec.quantization, weights: { kind: "dorefa", bits: 4 } };
    expect(await refusal({ metadata: { spec: { ...spec, quantization: dorefa } } })).toMatch(
      /is ternary with 2 bits, but its net's weights have 4/,
    );
  });

  test("if its net is trainable", async () => {
    const metadata = { spec: { ...spec, form: "trainable" } };
    expect(await refusal({ metadata })).toMatch(/latent weights cannot be packed/);
  });

  test("if codes are missing, duplicated, too few, too many, or of another dtype", async () => {
    expect(await refusal({ tensors: { [CODES]: undefined } })).toMatch(
      /has no byte vector .*_codes/,
    );
    const floats = float32Tensor([9], new Float32Array(9));
    expect(await refusal({ tensors: { [CODES]: floats } })).toMatch(/has no byte vector .*_codes/);
    for (const count of [0, 8, 10])
      expect(await refusal({ tensors: { [CODES]: bytes(...new Array(count).fill(0)) } })).toMatch(
        new RegExp(`has ${count} bytes of codes, but needs 9`),
      );
    const dense = float32Tensor([9, 4, 1, 1], new Float32Array(36));
    expect(await refusal({ tensors: { [KERNEL]: dense } })).toMatch(/is also present in float32/);
  });

  test("if scales are not finite, or have another dtype or number", async () => {
    const scale = (...values: number[]) =>
      float32Tensor([values.length], Float32Array.from(values));
    expect(await refusal({ tensors: { [SCALE]: bytes(1, 2, 3) } })).toMatch(/not one per filter/);
    expect(await refusal({ tensors: { [SCALE]: scale(1, 2) } })).toMatch(/not one per filter/);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(await refusal({ tensors: { [SCALE]: scale(...new Array(9).fill(value)) } })).toMatch(
        /a scale that is not finite/,
      );
  });

  test("if a code is not used by its grid", async () => {
    expect(await refusal(changedCodes(3, 0b00_11_00_00))).toMatch(/has the code 3 at index 14/);
    const edge = "dorefa.0.weight_codes";
    expect(await refusal(changedCodes(5, 0, int8, edge))).toMatch(/has the code 0 at index 5/);
    // 36 codes of 3 bits take 13 bytes and a half.
    expect(await refusal(changedCodes(13, 0xff, int8))).toMatch(
      /has nonzero bits after its last code/,
    );
  });

  test("if its description requires absurd sizes", async () => {
    const wide = (width: number): ChainSpec => ({
      ...spec,
      convs: spec.convs.map((conv, place) => (place === 1 ? { ...conv, width } : conv)),
    });
    expect(await refusal({ metadata: { spec: wide(1e9) } })).toMatch(/has 1000000000 channels/);
    // Sizes within the limits of a spec must be present in the file.
    const asked = { ...packing.kernels[KERNEL], shape: [60_000, 4, 1, 1] };
    const kernels = { ...packing.kernels, [KERNEL]: asked };
    const scales = float32Tensor([60_000], new Float32Array(60_000));
    expect(
      await refusal({
        metadata: { spec: wide(60_000), packing: { ...packing, kernels } },
        tensors: { [SCALE]: scales },
      }),
    ).toMatch(/has 9 bytes of codes, but needs 60000/);
  });

  test("if a kernel is neither packed nor dense", async () => {
    const { [KERNEL]: _, ...rest } = packing.kernels;
    const metadata = { packing: { ...packing, kernels: rest } };
    expect(await refusal({ metadata })).toMatch(/do not match the net that it describes/);
  });

  test("if it is cut off anywhere", async () => {
    const whole = readFileSync(at("honest"));
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 50)) {
      writeFileSync(at("cut"), whole);
      truncateSync(at("cut"), length);
      const error = await loadCheckpoint(at("cut")).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(QpruneError);
    }
  });
});

test("a packed file with any bytes changed is either read or refused", async () => {
  const files = ["honest", "int8"].map((name) => readFileSync(at(name)));
  const change = fc.record({
    file: fc.constantFrom(...files),
    edits: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ file, edits }) => {
      const changed = Buffer.from(file);
      for (const [where, value] of edits) {
        // Half of the edits are in the header.
        const range = where < 0.5 ? Math.min(6000, changed.length) : changed.length;
        changed[Math.floor(((where * 2) % 1) * range)] = value;
      }
      writeFileSync(at("fuzzed"), changed);
      const result = await loadCheckpoint(at("fuzzed")).catch((caught: unknown) => caught);
      if (result instanceof Error) expect(result).toBeInstanceOf(QpruneError);
    }),
    { numRuns: 400 },
  );
});
