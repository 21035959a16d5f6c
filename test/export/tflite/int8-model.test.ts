import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { checkTflite, tfliteModel } from "../../../src/export/tflite/tflite-model.js";
import { encodeTflite } from "../../../src/formats/tflite/encode-tflite.js";
import { parseTflite } from "../../../src/formats/tflite/read-tflite.js";
import type { Graph } from "../../../src/graph/graph.js";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import type { Model } from "../../../src/graph/model.js";
import { FULL_PRECISION } from "../../../src/graph/quantizers.js";
import { importTflite } from "../../../src/import/tflite/import-tflite.js";
import { planIntegers } from "../../../src/integer/plan-integers.js";
import { runIntegers } from "../../../src/integer/run-integers.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { everyKind, quantized } from "../../integer/quantized-nets.js";
import { SETTINGS } from "../../ptq/settings.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

/** A model as a .tflite file that was compared with what was to be written. */
const exported = (model: Model) => {
  const spec = specOfGraph({
    arch: "a-test",
    graph: model.graph,
    quantization: FULL_PRECISION,
    form: "merged",
  });
  const net = { spec, model, dataSet: DIGITS_INFO, accuracy: undefined, epoch: 1 };
  const written = tfliteModel(net, "0.0.0");
  const bytes = encodeTflite(written.draft);
  checkTflite(bytes, written.draft, "a test");
  return { ...written, bytes, file: parseTflite(bytes, "a test") };
};

/** Paddings that TensorFlow has, and others; pools that are rounded up; a padded mean. */
const windows = (): Graph => {
  const g = createGraphBuilder({ height: 9, width: 8, channels: 3 });
  const one = g.relu(g.conv("one", g.images, { filters: 8, kernel: 3, stride: 2, padding: 1 }));
  const same = g.conv("same", one, { filters: 8, kernel: 3, padding: 1 });
  const lowest = g.maxPool(same, { kernel: 3, stride: 2, padding: 1 });
  const mean = g.averagePool(lowest, { kernel: 3, stride: 1, padding: 1 });
  const wide = g.conv("wide", mean, { filters: 6, kernel: 3, padding: 2, dilation: 2 });
  return g.finish(
    g.conv("last", g.globalPool(wide, { keepsMaps: true }), { filters: 5, kernel: 1 }),
  );
};

const small = (): Graph => {
  const g = createGraphBuilder({ height: 6, width: 6, channels: 3 });
  const hidden = g.relu(g.conv("hidden", g.images, { filters: 4, kernel: 3, padding: 1 }));
  const each = g.conv("each", hidden, { filters: 4, kernel: 3, padding: 1, groups: 4 });
  return g.finish(g.dense("classes", g.flatten(each), { features: 3, hasBias: true }));
};

const FEW_BITS = { ...SETTINGS, bitsOf: () => ({ weights: 4, activations: 4 }) };

describe("an int8 .tflite file", () => {
  test("has the codes, scales and zero points of LiteRT's specification", async () => {
    const { model } = await quantized(small(), 3);
    const { file, isInt8 } = exported(model);
    expect(isInt8).toBe(true);
    const plan = planIntegers(model);
    const tensor = (name: string) => {
      const found = file.tensors.find((each) => each.name === name);
      if (!found) throw new Error(`no ${name}`);
      return found;
    };
    const [hidden, each] = plan.steps.filter((step) => step.kind === "conv");
    if (!hidden || !each) throw new Error("no layers");
    const { quantization, constant } = tensor("hidden/weights");
    expect(tensor("hidden/weights").shape).toEqual([4, 3, 3, 3]);
    expect(quantization?.axis).toBe(0);
    expect(quantization?.scale).toEqual([...hidden.scales]);
    expect(quantization?.zeroPoint).toEqual([0, 0, 0, 0]);
    // [filters, channels, rows, columns] becomes [filters, rows, columns, channels].
    const codes = new Int8Array(constant?.data ?? []);
    const at = (filter: number, channel: number, row: number, column: number) =>
      codes[((filter * 3 + row) * 3 + column) * 3 + channel];
    expect(at(2, 1, 0, 2)).toBe(hidden.weights[((2 * 3 + 1) * 3 + 0) * 3 + 2]);
    expect(tensor("each/weights").shape).toEqual([1, 3, 3, 4]);
    expect(tensor("each/weights").quantization?.axis).toBe(3);
    const bias = tensor("hidden/bias");
    expect(bias.quantization?.scale).toEqual(
      [...hidden.scales].map((scale) => Math.fround(scale * hidden.input.grid.scale)),
    );
    for (const value of [plan.input, ...hidden.outputs]) {
      expect(tensor(value.name).quantization?.zeroPoint).toEqual([value.grid.zero]);
      expect(tensor(value.name).quantization?.scale).toEqual([value.grid.scale]);
    }
  });

  test("has operators of integers from the images to the last layer, which computes in floats", async () => {
    const { model } = await quantized(small(), 3);
    const { file } = exported(model);
    expect(file.operators.map(({ op }) => op)).toEqual([
      "QUANTIZE",
      "CONV_2D",
      "DEPTHWISE_CONV_2D",
      "TRANSPOSE",
      "RESHAPE",
      "DEQUANTIZE",
      "DEQUANTIZE",
      "CONV_2D",
      "RESHAPE",
    ]);
    // The ReLU is a part of the convolution.
    expect(file.operators[1]?.options.fused).toBe(1);
    expect(file.tensors[file.outputs[0] as number]?.shape).toEqual([1, 3]);
  });

  test("limits codes of fewer bits by minima and maxima", async () => {
    const { model } = await quantized(small(), 3, FEW_BITS);
    const ops = exported(model).file.operators.map(({ op }) => op);
    expect(ops).toContain("MINIMUM");
    expect(ops).toContain("MAXIMUM");
  });

  test("is float32, with the reason, if a layer is in full precision", async () => {
    const { model } = await quantized(small(), 3, {
      ...SETTINGS,
      bitsOf: (layer) =>
        layer === "each" ? { weights: 32, activations: 32 } : { weights: 8, activations: 8 },
    });
    const { isInt8, floatReason } = exported(model);
    expect(isInt8).toBe(false);
    expect(floatReason).toMatch(/each|hidden/);
  });

  test("is refused when it is read, as nets of integers are not imported", async () => {
    const { model } = await quantized(small(), 3);
    expect(() => importTflite(exported(model).file, "small.tflite")).toThrow(
      "small.tflite computes with integers",
    );
  });
});

const python = process.env.QPRUNE_LITERT;

interface Computed {
  readonly codes: Readonly<Record<string, readonly number[]>>;
  readonly output: readonly number[];
}

test.runIf(python)("LiteRT computes the codes of the integer executor", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-int8-"));
  const cases = [
    ["every kind", everyKind(), SETTINGS, 0.03],
    ["every kind in few bits", everyKind(), FEW_BITS, 0.2],
    ["windows", windows(), SETTINGS, 0.03],
    ["small", small(), SETTINGS, 0.03],
  ] as const;
  const all = [];
  for (const [name, graph, settings, tolerance] of cases)
    for (const seed of [1, 2, 3]) {
      const { model, images } = await quantized(graph, seed, settings);
      const size = images.size / images.shape[0];
      const image = (images.dataSync() as Float32Array).slice(0, size);
      const file = `${name} ${seed}`;
      writeFileSync(join(folder, `${file}.tflite`), exported(model).bytes);
      writeFileSync(join(folder, `${file}.image.f32`), Buffer.from(image.buffer));
      all.push({ file, model, image, tolerance });
    }
  const script = fileURLToPath(new URL("./run_int8.py", import.meta.url));
  execFileSync(python as string, [script, folder], { stdio: "ignore" });
  const differing: string[] = [];
  for (const { file, model, image, tolerance } of all) {
    const { codes, output } = runIntegers(planIntegers(model), image);
    const computed = (resolver: string): Computed =>
      JSON.parse(readFileSync(join(folder, `${file}.${resolver}.json`), "utf8"));
    const largest = Math.max(...output.map(Math.abs));
    const difference = ({ output: theirs }: Computed): number =>
      Math.max(...output.map((value, at) => Math.abs(value - (theirs[at] as number)))) / largest;
    const reference = computed("reference");
    for (const [name, own] of codes)
      if (String(reference.codes[name] ?? own) !== String([...own]))
        differing.push(`${file}: ${name}`);
    // Float32 sums of the last layer.
    if (!(difference(reference) < 1e-5)) differing.push(`${file}: output`);
    // LiteRT's fast kernels and XNNPACK round some sums to the code next to it.
    for (const resolver of ["fast", "delegate"])
      if (!(difference(computed(resolver)) < tolerance)) differing.push(`${file}: ${resolver}`);
  }
  rmSync(folder, { recursive: true });
  expect(differing).toEqual([]);
});
