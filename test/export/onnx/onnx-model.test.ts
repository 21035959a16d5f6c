import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foldBatchNorms } from "../../../src/bnmerge/fold-batch-norms.js";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { ExportNet } from "../../../src/export/export-net.js";
import { checkOnnxModel } from "../../../src/export/onnx/check-onnx-model.js";
import { onnxModel } from "../../../src/export/onnx/onnx-model.js";
import { parseOnnx } from "../../../src/formats/onnx/read-onnx.js";
import { imageShape, outputValue, shapesOf } from "../../../src/graph/graph.js";
import type { Model } from "../../../src/graph/model.js";
import { importOnnx } from "../../../src/import/onnx/import-onnx.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { bakeWeights } from "../../../src/passes/bake-weights.js";
import { branchedGraph } from "../../graph/branched-graph.js";
import { interpret } from "../../graph/interpret.js";
import { kindCases } from "../../graph/node-kinds.js";
import { randomImage, randomModel } from "../../graph/random-model.js";
import { quantizedWeights } from "../../models/quantizations.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const folder = mkdtempSync(join(tmpdir(), "qprune-onnx-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Float32 sums in another order. */
const TOLERANCE = 1e-5;

const float = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

const netOf = (model: Model): ExportNet => ({
  spec: specOfGraph({ arch: "a-test", graph: model.graph, quantization: float, form: "baked" }),
  model,
  dataSet: DIGITS_INFO,
  accuracy: undefined,
  epoch: 1,
});

const exported = async (model: Model): Promise<Buffer> => {
  const net = netOf(model);
  const chunks = onnxModel(net, "0.0.0");
  const bytes = Buffer.concat(chunks);
  await checkOnnxModel(bytes, { chunks, net, path: "a test" });
  return bytes;
};

const isQuantizing = ({ graph }: Model): boolean =>
  graph.nodes.some(({ kind }) => kind === "quantize");

const isNear = (actual: ArrayLike<number>, expected: ArrayLike<number>): boolean => {
  const all = Array.from(expected);
  const largest = all.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return (
    actual.length === all.length &&
    all.every((value, at) => Math.abs((actual[at] as number) - value) <= TOLERANCE * largest)
  );
};

/** Nets with one node of each kind and geometry, and nets with branches of every kind of weights. */
const models = (): (readonly [name: string, model: Model])[] => [
  ...kindCases.map(({ name, graph }) => [name, randomModel(graph, 5)] as const),
  ...[{ kind: "float" } as const, ...quantizedWeights].flatMap((weights, at) => {
    const baked = bakeWeights(randomModel(branchedGraph({ weights, hasBias: at % 2 === 0 }), at));
    return [
      [`branched ${at}`, baked] as const,
      [`branched ${at} merged`, foldBatchNorms(baked)] as const,
    ];
  }),
];

describe("an exported net", () => {
  test("computes the same when it is read again, with every kind of node and of weights", async () => {
    const differing: string[] = [];
    for (const [name, model] of models()) {
      const bytes = await exported(model);
      // A net of only dropout is nothing but its images.
      if (isQuantizing(model) || model.graph.nodes.every(({ kind }) => kind === "dropout"))
        continue;
      const read = importOnnx(await parseOnnx(bytes, name), name, { until: "logits" });
      const images = randomImage(model.graph, 5);
      const [expected, actual] = [model, read.model].map((one) =>
        interpret(one, images).get("logits"),
      );
      if (!isNear(actual ?? [], expected ?? [0])) differing.push(name);
    }
    expect(differing).toEqual([]);
  });

  test("has integers for quantized weights, and records its classes and its images", async () => {
    const model = bakeWeights(
      randomModel(branchedGraph({ weights: { kind: "dorefa", bits: 4 } }), 3),
    );
    const file = await parseOnnx(await exported(model), "a test");
    expect(file.tensors.get("a.weight_codes")).toMatchObject({ dtype: "I8" });
    expect(file.tensors.has("a.weight")).toBe(false);
    const metadata = new Map(file.model.metadata.map(({ key, value }) => [key, value ?? ""]));
    expect(JSON.parse(metadata.get("classes") ?? "")).toEqual(DIGITS_INFO.classNames);
    expect(JSON.parse(metadata.get("preprocessing") ?? "")).toMatchObject({
      layout: "NCHW",
      mean: DIGITS_INFO.mean,
    });
  });

  test("that differs from what was written is refused", async () => {
    const net = netOf(bakeWeights(randomModel(branchedGraph({}), 3)));
    const chunks = onnxModel(net, "0.0.0");
    const bytes = Buffer.concat(chunks);
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    await expect(checkOnnxModel(bytes, { chunks, net, path: "a.onnx" })).rejects.toThrow(
      /differs from the exported net/,
    );
  });
});

/** Values of maps [height, width, channels] with their channels first; those of vectors stay. */
const channelsFirst = (values: ArrayLike<number>, shape: readonly number[]): Float32Array => {
  const channels = shape.length === 3 ? (shape[2] as number) : 1;
  const positions = values.length / channels;
  return Float32Array.from({ length: values.length }, (_, at) => {
    const [channel, position] = [Math.floor(at / positions), at % positions];
    return values[position * channels + channel] as number;
  });
};

const readFloats = (path: string): Float32Array => {
  const { buffer, byteOffset, length } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
};

/** What onnxruntime computes for the random images of models. */
const runAll = async (python: string, all: readonly Model[]): Promise<Float32Array[]> => {
  for (const [at, model] of all.entries()) {
    const images = channelsFirst(randomImage(model.graph, 5), imageShape(model.graph));
    writeFileSync(join(folder, `${at}.onnx`), await exported(model));
    writeFileSync(join(folder, `${at}.images.f32`), Buffer.from(images.buffer));
  }
  const script = fileURLToPath(new URL("./run_onnx.py", import.meta.url));
  execFileSync(python, [script, folder]);
  return all.map((_, at) => readFloats(join(folder, `${at}.logits.f32`)));
};

// QPRUNE_ONNXRUNTIME is a Python interpreter with onnxruntime.
const python = process.env.QPRUNE_ONNXRUNTIME;

test.runIf(python)(
  "onnxruntime computes every kind of node, of weights and of activations",
  async () => {
    const cases = models();
    const actual = await runAll(
      python as string,
      cases.map(([, model]) => model),
    );
    const differing = cases.flatMap(([name, model], at) => {
      const expected = interpret(model, randomImage(model.graph, 5)).get("logits") ?? [];
      const shape = shapesOf(model.graph).get(outputValue(model.graph)) ?? [];
      return isNear(actual[at] ?? [], channelsFirst(expected, shape)) ? [] : [name];
    });
    expect(differing).toEqual([]);
  },
  300_000,
);
