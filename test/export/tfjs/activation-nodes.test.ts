import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { tensorValues } from "../../../src/export/tfjs/model-files/weight-tensor.js";
import { addActivation, leastValue } from "../../../src/export/tfjs/nodes/activation-nodes.js";
import { createGraph, graphShape, typeAttribute } from "../../../src/export/tfjs/tf-graph.js";
import { type Activation, activate } from "../../../src/tensor/ops/activation.js";
import { tf } from "../../../src/tensor/tf.js";

const activations: Activation[] = [
  { kind: "identity" },
  { kind: "relu" },
  { kind: "relu6" },
  { kind: "sigmoid" },
  { kind: "silu" },
  { kind: "hardSigmoid" },
  { kind: "hardSwish" },
  { kind: "leakyRelu", slope: 0.1 },
  { kind: "leakyRelu", slope: -0.5 },
  { kind: "unit", levels: 7, scale: 0.3, afterRelu: true },
  { kind: "unitSign", scale: 0.3, afterRelu: true },
  { kind: "signedUnit", levels: 7, scale: 0.3 },
  { kind: "sign", straightThrough: "saturate" },
  { kind: "step", straightThrough: "saturate" },
  { kind: "ternary", straightThrough: "saturate" },
];
const values = Array.from({ length: 161 }, (_, at) => Math.fround(at / 10 - 8));

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const graphOf = (activation: Activation) => {
  const graph = createGraph();
  graph.add("Placeholder", "x", [], {
    dtype: typeAttribute("DT_FLOAT"),
    shape: { shape: graphShape([-1]) },
  });
  const output = addActivation(graph, "f", "x", activation);
  const weights = graph.weights.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    values: Array.from(tensorValues(tensor)),
  }));
  return { nodes: graph.nodes, weights, output };
};

test("TensorFlow.js computes every activation from its nodes as training does, and none is below its lower bound", () => {
  const script = fileURLToPath(new URL("run-graphs.js", import.meta.url));
  const stdout = execFileSync(process.execPath, [script], {
    input: JSON.stringify({ input: values, graphs: activations.map(graphOf) }),
    encoding: "utf8",
    stdio: "pipe",
  });
  const results = JSON.parse(stdout) as number[][];
  for (const [at, activation] of activations.entries()) {
    const expected = activate(tf.tensor1d(values), activation).dataSync();
    const actual = results[at] as number[];
    for (const [index, value] of actual.entries()) {
      // The slope of a leaky ReLU is a double there.
      expect(value, `${activation.kind} of ${values[index]}`).toBeCloseTo(
        expected[index] as number,
        6,
      );
      expect(value).toBeGreaterThanOrEqual(leastValue(activation));
    }
  }
});
