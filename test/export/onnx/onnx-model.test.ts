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
import type { Opset } from "../../../src/export/onnx/kernel-tensors.js";
import type { Dialect } from "../../../src/export/onnx/lowering.js";
import { onnxDialect, onnxModel } from "../../../src/export/onnx/onnx-model.js";
import { QONNX_DOMAIN, qonnxDialect } from "../../../src/export/qonnx/qonnx-dialect.js";
import { parseOnnx } from "../../../src/formats/onnx/read-onnx.js";
import { imageShape, outputValue, shapesOf } from "../../../src/graph/graph.js";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import type { Model } from "../../../src/graph/model.js";
import type { WeightQuantization } from "../../../src/graph/quantizers.js";
import { importOnnx } from "../../../src/import/onnx/import-onnx.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { bakeWeights } from "../../../src/passes/bake-weights.js";
import { branchedGraph } from "../../graph/branched-graph.js";
import { interpret } from "../../graph/interpret.js";
import { kindCases } from "../../graph/node-kinds.js";
import { randomImage, randomModel } from "../../graph/random-model.js";
import { everyKind, quantized } from "../../integer/quantized-nets.js";
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

const exported = async (model: Model, dialect: Dialect = onnxDialect("18")): Promise<Buffer> => {
  const net = netOf(model);
  const chunks = onnxModel(net, "0.0.0", dialect);
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
  test.each(["18", "21", "25"] as const)(
    "of opset %s computes the same when it is read again, with every kind of node and of weights",
    async (opset) => {
      const differing: string[] = [];
      for (const [name, model] of models()) {
        const bytes = await exported(model, onnxDialect(opset));
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
    },
  );

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

  test("enlarges maps by factors of all axes, or to sizes that no factor gives exactly", async () => {
    const g = createGraphBuilder({ height: 6, width: 3, channels: 3 });
    const conv = g.conv("one", g.images, { filters: 2, kernel: 1 });
    const twice = g.resize(conv, { height: 12, width: 6 });
    const graph = g.finish(
      g.resize(g.resize(twice, { height: 18, width: 6 }), { height: 18, width: 14 }),
    );
    const model = bakeWeights(randomModel(graph, 2));
    const bytes = await exported(model);
    const file = await parseOnnx(bytes, "a test");
    const given = (file.graph.node ?? []).flatMap(({ opType, input }) =>
      opType === "Resize" ? [input.slice(1).map((name) => name.split(" ")[0])] : [],
    );
    expect(given).toEqual([
      ["", "floats"],
      ["", "floats"],
      ["", "", "ints"],
    ]);
    const read = importOnnx(file, "a test", { until: "logits" });
    const image = randomImage(graph, 3);
    const [expected, actual] = [model, read.model].map((one) =>
      interpret(one, image).get("logits"),
    );
    expect(actual?.length).toBe(18 * 14 * 2);
    expect(actual).toEqual(expected);
  });

  test("names the mode of its Pad nodes, without which the converter of ncnn leaves them out", async () => {
    const { graph } = kindCases.find(({ name }) => name === "pad") as (typeof kindCases)[number];
    const file = await parseOnnx(await exported(randomModel(graph, 2)), "a test");
    const pads = file.graph.node.filter(({ opType }) => opType === "Pad");
    expect(pads.map(({ attribute }) => attribute)).toMatchObject([[{ name: "mode" }]]);
  });

  test("of a later opset has weights of few bits as such", async () => {
    const typesOf = async (weights: WeightQuantization, opset: Opset) => {
      const model = bakeWeights(randomModel(branchedGraph({ weights }), 3));
      const file = await parseOnnx(await exported(model, onnxDialect(opset)), "a test");
      const { dtype, fileBits } = file.tensors.get("a.weight_codes") ?? {};
      return `${dtype} ${fileBits ?? 8}`;
    };
    const ternary = { kind: "ternary", hasAlpha: true, gapRatio: null } as const;
    const dorefa = (bits: number) => ({ kind: "dorefa", bits }) as const;
    expect(await typesOf(ternary, "18")).toBe("I8 8");
    expect(await typesOf(ternary, "21")).toBe("I8 4");
    expect(await typesOf(ternary, "25")).toBe("I8 2");
    expect(await typesOf(dorefa(2), "25")).toBe("U8 2");
    expect(await typesOf(dorefa(3), "25")).toBe("U8 4");
    expect(await typesOf(dorefa(4), "21")).toBe("U8 4");
    expect(await typesOf(dorefa(5), "25")).toBe("I8 8");
  });

  test("has affine quantizers around every node that computes, also after codes that are only moved", async () => {
    const { model } = await quantized(everyKind(), 2);
    const { graph, tensors } = await parseOnnx(await exported(model), "a test");
    const producers = new Map(
      graph.node.flatMap((node) => node.output.map((each) => [each, node] as const)),
    );
    const parametersOf = (value: string) => {
      const node = producers.get(value);
      if (node?.opType !== "DequantizeLinear") throw new Error(`${value}: ${node?.opType}`);
      const [, scale = "", zero = ""] = node.input;
      return [scale, String(tensors.get(zero)?.data)];
    };
    for (const { opType, input } of graph.node)
      if (["Conv", "Add", "AveragePool", "Concat"].includes(opType ?? ""))
        for (const value of input.slice(0, 2)) parametersOf(value);
    const pool = graph.node.find(({ opType }) => opType === "MaxPool");
    const codes = graph.node.find(({ input }) => pool && input[0] === pool.output[0]);
    expect(codes?.opType).toBe("QuantizeLinear");
    const after = graph.node.find(({ input }) => input[0] === codes?.output[0]);
    expect(parametersOf(after?.output[0] ?? "")).toEqual(parametersOf(pool?.input[0] ?? ""));
  });

  test("for QONNX has quantizers with the bits of its weights", async () => {
    const model = bakeWeights(
      randomModel(branchedGraph({ weights: { kind: "dorefa", bits: 3 } }), 3),
    );
    const file = await parseOnnx(await exported(model, qonnxDialect), "a test");
    const quantizers = file.graph.node.filter(({ opType }) => opType === "Quant");
    expect(quantizers.length).toBeGreaterThan(0);
    expect(new Set(quantizers.map(({ domain }) => domain))).toEqual(new Set([QONNX_DOMAIN]));
    // Odd integers from -7 to 7.
    expect(file.tensors.has("float 4")).toBe(true);
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
const runAll = async (
  all: readonly Model[],
  { python, script, dialect }: { python: string; script: string; dialect: Dialect },
): Promise<Float32Array[]> => {
  const own = mkdtempSync(join(folder, "run-"));
  for (const [at, model] of all.entries()) {
    const images = channelsFirst(randomImage(model.graph, 5), imageShape(model.graph));
    writeFileSync(join(own, `${at}.onnx`), await exported(model, dialect));
    writeFileSync(join(own, `${at}.images.f32`), Buffer.from(images.buffer));
  }
  execFileSync(python, [fileURLToPath(new URL(script, import.meta.url)), own]);
  return all.map((_, at) => readFloats(join(own, `${at}.logits.f32`)));
};

/** The names of models that a program computes differently. */
const differing = async (
  cases: readonly (readonly [name: string, model: Model])[],
  run: Parameters<typeof runAll>[1],
): Promise<string[]> => {
  const actual = await runAll(
    cases.map(([, model]) => model),
    run,
  );
  return cases.flatMap(([name, model], at) => {
    const expected = interpret(model, randomImage(model.graph, 5)).get("logits") ?? [];
    const shape = shapesOf(model.graph).get(outputValue(model.graph)) ?? [];
    return isNear(actual[at] ?? [], channelsFirst(expected, shape)) ? [] : [name];
  });
};

// QPRUNE_ONNXRUNTIME is a Python interpreter with onnxruntime, QPRUNE_QONNX one with qonnx.
const { QPRUNE_ONNXRUNTIME: onnxruntime = "", QPRUNE_QONNX: qonnx = "" } = process.env;

test.runIf(onnxruntime).each(["18", "21", "25"] as const)(
  "onnxruntime computes every kind of node, of weights and of activations in opset %s",
  async (opset) => {
    const run = { python: onnxruntime, script: "./run_onnx.py", dialect: onnxDialect(opset) };
    expect(await differing(models(), run)).toEqual([]);
  },
  300_000,
);

test.runIf(qonnx)(
  "the package qonnx computes every kind of weights and of activations",
  async () => {
    const run = { python: qonnx, script: "../qonnx/run_qonnx.py", dialect: qonnxDialect };
    const quantizing = models().filter(
      ([name, model]) => name.startsWith("branched") || isQuantizing(model),
    );
    expect(await differing(quantizing, run)).toEqual([]);
  },
  300_000,
);
