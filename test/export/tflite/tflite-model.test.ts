import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { ExportNet } from "../../../src/export/export-net.js";
import { checkTflite, tfliteModel } from "../../../src/export/tflite/tflite-model.js";
import { encodeTflite } from "../../../src/formats/tflite/encode-tflite.js";
import { parseTflite } from "../../../src/formats/tflite/read-tflite.js";
import type { Model } from "../../../src/graph/model.js";
import { FULL_PRECISION } from "../../../src/graph/quantizers.js";
import { importTflite } from "../../../src/import/tflite/import-tflite.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { bakeWeights } from "../../../src/passes/bake-weights.js";
import { branchedGraph } from "../../graph/branched-graph.js";
import { interpret } from "../../graph/interpret.js";
import { kindCases } from "../../graph/node-kinds.js";
import { randomImage, randomModel } from "../../graph/random-model.js";
import { relativeDifference } from "../../import/logits-of.js";
import { quantizedWeights } from "../../models/quantizations.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

/** A model as the bytes of a .tflite file, read again and compared. */
const bytesOf = (model: Model): Uint8Array => {
  const { graph } = model;
  const net: ExportNet = {
    spec: specOfGraph({ arch: "a-test", graph, quantization: FULL_PRECISION, form: "baked" }),
    model,
    dataSet: DIGITS_INFO,
    accuracy: undefined,
    epoch: 1,
  };
  const { draft } = tfliteModel(net, "0.0.0");
  const bytes = encodeTflite(draft);
  checkTflite(bytes, draft, "a test");
  return bytes;
};

const throughBytes = (model: Model): Model =>
  importTflite(parseTflite(bytesOf(model), "a test"), "a test").model;

const isQuantizing = ({ nodes }: Model["graph"]): boolean =>
  nodes.some(({ kind }) => kind === "quantize");

/** What TensorFlow does not have, so that the export computes it in parts that are no longer recognized. */
const IN_PARTS = /^conv with a stride and dilation$|^averagePool rounded/;
/** A softmax at the end is left out, and a net of nothing but dropout is not one. */
const LEFT_OUT = /^(softmax|dropout)$/;

const attempt = <T>(compute: () => T): T | Error => {
  try {
    return compute();
  } catch (error) {
    return error as Error;
  }
};

test("a .tflite file computes what its net does, whatever kinds of nodes it has", () => {
  const differing: string[] = [];
  for (const { name, graph } of kindCases) {
    if (isQuantizing(graph) || IN_PARTS.test(name) || LEFT_OUT.test(name)) continue;
    const model = randomModel(graph, 3);
    const images = randomImage(graph, 5);
    const expected = interpret(model, images).get("logits") ?? [];
    const read = attempt(() => throughBytes(model));
    if (read instanceof Error) {
      differing.push(`${name}: ${read.message}`);
      continue;
    }
    const own = interpret(read, images).get("logits") ?? [];
    // Norms become scales and shifts of float32.
    if (!(relativeDifference([...own], [...expected]) < 1e-5)) differing.push(name);
  }
  expect(differing).toEqual([]);
});

const python = process.env.QPRUNE_LITERT;

/** Nets with one node of each kind and geometry, and nets with branches of every kind of weights. */
const models = (): (readonly [name: string, model: Model])[] => [
  ...kindCases
    .filter(({ name }) => name !== "dropout")
    .map(({ name, graph }) => [name, randomModel(graph, 5)] as const),
  ...[{ kind: "float" } as const, ...quantizedWeights].map((weights, at) => {
    const baked = bakeWeights(randomModel(branchedGraph({ weights, hasBias: at % 2 === 0 }), at));
    return [`branched ${at}`, baked] as const;
  }),
];

test.runIf(python)("LiteRT computes what nets do", () => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-litert-"));
  const all = models();
  for (const [at, [, model]] of all.entries()) {
    writeFileSync(join(folder, `${at}.tflite`), bytesOf(model));
    writeFileSync(join(folder, `${at}.image.f32`), Buffer.from(randomImage(model.graph, 5).buffer));
  }
  const script = fileURLToPath(new URL("./run_tflite.py", import.meta.url));
  execFileSync(python as string, [script, folder], { stdio: "ignore" });
  const differing = all.flatMap(([name, model], at) => {
    const { buffer, byteOffset, length } = readFileSync(join(folder, `${at}.logits.f32`));
    const own = new Float32Array(buffer.slice(byteOffset, byteOffset + length));
    const expected = [...(interpret(model, randomImage(model.graph, 5)).get("logits") ?? [])];
    const difference = relativeDifference([...own], expected);
    return difference < 1e-5 ? [] : [`${name}: ${difference}`];
  });
  rmSync(folder, { recursive: true });
  expect(differing).toEqual([]);
});
