import { beforeAll, describe, expect, test } from "vitest";
import { foldBatchNorms } from "../../../src/bnmerge/fold-batch-norms.js";
import { DIGITS_INFO } from "../../../src/data/digits.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { ExportNet } from "../../../src/export/export-net.js";
import { checkTfjsModel } from "../../../src/export/tfjs/model-files/check-tfjs-model.js";
import { readTfjsModel } from "../../../src/export/tfjs/model-files/read-tfjs-model.js";
import { tfjsModel } from "../../../src/export/tfjs/model-files/tfjs-model.js";
import { type Graph, imageShape } from "../../../src/graph/graph.js";
import type { Model } from "../../../src/graph/model.js";
import { bakeWeights } from "../../../src/passes/bake-weights.js";
import { branchedGraph } from "../../graph/branched-graph.js";
import { interpret } from "../../graph/interpret.js";
import { type KindCase, kindCases } from "../../graph/node-kinds.js";
import { randomImage, randomModel } from "../../graph/random-model.js";
import { quantizedWeights } from "../../models/quantizations.js";
import { runInNode } from "./run-in-node.js";
import type { ServedModel } from "./serve.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

/** Float32 sums in another order, and means that are multiplied by a correction. */
const TOLERANCE = 1e-5;

interface ExportedCase extends ServedModel {
  readonly expected: Float64Array | undefined;
}

const exportNetOf = (model: Model): ExportNet => {
  const [height, width, channels] = imageShape(model.graph);
  const float = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
  const about = { arch: "a-test", quantization: float, form: "baked", classes: 1 } as const;
  const spec = { ...about, graph: model.graph, input: { height, width, channels } };
  return { spec, model, dataSet: DIGITS_INFO, accuracy: undefined, epoch: 1 };
};

/** A model as files, read and checked, with what it should compute. */
const exportedCase = (name: string, model: Model): ExportedCase => {
  const net = exportNetOf(model);
  const files = tfjsModel(net, "0.0.0");
  checkTfjsModel(readTfjsModel(files), net);
  const images = randomImage(model.graph, 5);
  return { name, files, images, expected: interpret(model, images).get("logits") };
};

/** The names of cases whose output in TensorFlow.js differs. */
const differing = async (cases: readonly ExportedCase[]): Promise<string[]> => {
  // Names are parts of addresses.
  const served = cases.map((one, index) => ({ ...one, name: `case-${index}` }));
  const predictions = await runInNode(served);
  return cases.flatMap(({ name, expected = new Float64Array() }, at) => {
    const { logits = [] } = predictions[at] ?? {};
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const isSame =
      logits.length === expected.length &&
      logits.every(
        (value, index) => Math.abs(value - (expected[index] ?? Number.NaN)) <= TOLERANCE * largest,
      );
    return isSame ? [] : [name];
  });
};

const caseOf = ({ name, graph }: KindCase): ExportedCase =>
  exportedCase(name, randomModel(graph, 5));

const branchedCases = (): ExportedCase[] =>
  [{ kind: "float" } as const, ...quantizedWeights].flatMap((weights, at) => {
    const graph: Graph = branchedGraph({ weights, hasBias: at % 2 === 0 });
    const baked = bakeWeights(randomModel(graph, at));
    return [
      exportedCase(`branched ${at}`, baked),
      exportedCase(`branched ${at} merged`, foldBatchNorms(baked)),
    ];
  });

describe("plain TensorFlow.js in Node", () => {
  test("computes every kind of node as PyTorch does", async () => {
    expect(await differing(kindCases.map(caseOf))).toEqual([]);
  });

  test("computes nets with branches, of every kind of weights, merged or not", async () => {
    expect(await differing(branchedCases())).toEqual([]);
  });
});

describe("the names of nodes", () => {
  const namesOf = (graph: Graph): string[] => {
    const files = tfjsModel(exportNetOf(bakeWeights(randomModel(graph, 1))), "0");
    return readTfjsModel(files).json.modelTopology.node.map(({ name }) => name);
  };

  test("are those of the layers, and of what belongs to them", () => {
    const names = namesOf(branchedGraph({}));
    for (const name of ["conv0/activation/relu", "conv1/scaled", "add0", "concat0", "conv4/pool"])
      expect(names).toContain(name);
    // The norms of the sum and the concatenation: only the second prepares one layer.
    expect(names).toContain("batchNorm0/scaled");
    expect(names).toContain("conv4/input/scaled");
    expect(names).toContain("logits");
    expect(new Set(names).size).toBe(names.length);
  });
});
