import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { ExportNet } from "../../../src/export/export-net.js";
import { tfjsModel } from "../../../src/export/tfjs/model-files/tfjs-model.js";
import type { Model } from "../../../src/graph/model.js";
import { FULL_PRECISION } from "../../../src/graph/quantizers.js";
import { importModel } from "../../../src/library/import-model.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { interpret } from "../../graph/interpret.js";
import { kindCases } from "../../graph/node-kinds.js";
import { randomImage, randomModel } from "../../graph/random-model.js";
import { relativeDifference } from "../logits-of.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const folder = mkdtempSync(join(tmpdir(), "qprune-own-tfjs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a model as TensorFlow.js loads it, and reads it again. */
const throughFiles = async (name: string, model: Model): Promise<Model> => {
  const { graph } = model;
  const net: ExportNet = {
    spec: specOfGraph({ arch: "a-test", graph, quantization: FULL_PRECISION, form: "baked" }),
    model,
    dataSet: DIGITS_INFO,
    accuracy: undefined,
    epoch: 1,
  };
  const own = join(folder, name.replace(/\W+/g, "-"));
  mkdirSync(own);
  for (const [file, bytes] of tfjsModel(net, "0.0.0")) writeFileSync(join(own, file), bytes);
  return importModel(join(own, "model.json"));
};

const isQuantizing = ({ nodes }: Model["graph"]): boolean =>
  nodes.some(({ kind }) => kind === "quantize");

/** What TensorFlow does not have, so that the export computes it in parts that are no longer recognized. */
const IN_PARTS = /^conv with a stride and dilation$|^averagePool rounded/;
/** A softmax at the end is left out, and a net of nothing but dropout is not one. */
const LEFT_OUT = /^(softmax|dropout)$/;

test("qprune reads what it exports for TensorFlow.js, whatever kinds of nodes a net has", async () => {
  const differing: string[] = [];
  for (const { name, graph } of kindCases) {
    if (isQuantizing(graph) || IN_PARTS.test(name) || LEFT_OUT.test(name)) continue;
    const model = randomModel(graph, 3);
    const images = randomImage(graph, 5);
    const expected = interpret(model, images).get("logits") ?? [];
    const read = await throughFiles(name, model).catch((error: Error) => error);
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
