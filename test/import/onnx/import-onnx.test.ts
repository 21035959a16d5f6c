import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { runningNet } from "../../../src/checkpoint/running-net.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { Graph } from "../../../src/graph/graph.js";
import { importModel } from "../../../src/library/import-model.js";
import { tf } from "../../../src/tensor/tf.js";

const at = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** What onnxruntime computes; see fixtures/make.py. */
interface Fixture {
  readonly side: number;
  readonly logits: readonly number[];
}

const fixtures: Readonly<Record<string, Fixture>> = JSON.parse(
  readFileSync(at("logits.json"), "utf8"),
);
const cases = Object.entries(fixtures);

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

/** Images [1, 3, side, side] with the values sin(0.37 i), channels last. */
const images = (side: number) => {
  const values = Float32Array.from({ length: 3 * side * side }, (_, at) => Math.sin(0.37 * at));
  return tf.tidy(() => tf.transpose(tf.tensor(values, [1, 3, side, side]), [0, 2, 3, 1]));
};

const softmax = (logits: readonly number[]): number[] => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

const kinds = ({ nodes }: Graph): string[] =>
  nodes.map((node) => (node.kind === "activation" ? node.function : node.kind));

describe("an ONNX file becomes a net", () => {
  test.each(cases)("with the logits of onnxruntime: %s", async (name, { side, logits }) => {
    const checkpoint = await loadCheckpoint(at(`${name}.onnx`));
    const spec = checkpoint.manifest?.spec;
    expect(spec).toMatchObject({ classes: 5, input: { height: side, width: side, channels: 3 } });
    const net = runningNet(spec as NonNullable<typeof spec>, checkpoint);
    const input = images(side);
    const output = net.infer(input as never);
    const own = [...output.dataSync()];
    // A softmax at the end is left out.
    const values = checkpoint.notices?.some((notice) => notice.includes("softmax"))
      ? softmax(own)
      : own;
    const largest = Math.max(...logits.map(Math.abs));
    // Both sum up to 150 products in float32, in other orders.
    for (const [index, value] of values.entries())
      expect(Math.abs(value - (logits[index] as number)) / largest).toBeLessThan(3e-6);
    for (const each of [output, input, net]) each.dispose();
  });
});

describe("the patterns of exporters become nodes", () => {
  test.each(["shuffle_9", "shuffle_17", "shuffle_dynamo"])("%s", async (name) => {
    const { graph } = await importModel(at(`${name}.onnx`));
    expect(kinds(graph)).toEqual([
      ...["conv", "relu", "split", "conv", "relu", "conv", "relu", "conv", "relu", "concat"],
      ...["shuffle", "globalPool", "dense"],
    ]);
  });

  test.each(["mobile_9", "mobile_17", "mobile_dynamo"])("%s", async (name) => {
    const { graph } = await importModel(at(`${name}.onnx`));
    expect(kinds(graph)).toEqual([
      ...["conv", "hardSwish", "conv", "relu6", "globalPool", "conv", "relu", "conv"],
      ...["hardSigmoid", "multiply", "conv", "add", "globalPool", "dense", "hardSwish", "dense"],
    ]);
  });

  test.each(["parts_9", "parts_17", "parts_dynamo"])("%s", async (name) => {
    const { graph } = await importModel(at(`${name}.onnx`));
    expect(kinds(graph)).toEqual([
      ...["affine", "conv", "hardSwish", "conv", "silu", "prelu", "averagePool", "leakyRelu"],
      ...["resize", "maxPool", "flatten", "dense"],
    ]);
    const [first, second] = graph.nodes.filter(({ kind }) => kind === "conv");
    expect(first).toMatchObject({ padding: [1, 1, 1, 1], hasBias: false });
    expect(second).toMatchObject({ padding: [0, 1, 1, 1], hasBias: true });
    expect(graph.nodes.at(-1)).toMatchObject({ kind: "dense", hasBias: true });
  });

  test.each(["dense_9", "dense_17", "dense_dynamo"])("%s", async (name) => {
    const { graph, weights } = await importModel(at(`${name}.onnx`));
    const norm = graph.nodes.find(({ kind }) => kind === "batchNorm");
    expect(norm).toMatchObject({ name: "norm1", epsilon: expect.closeTo(1e-5, 10) });
    expect(weights.get("norm1.running_var")?.shape).toEqual([6]);
    expect(kinds(graph)).not.toContain("softmax");
  });
});

test("layers keep the names of their modules, whatever exporter wrote them", async () => {
  for (const name of ["mobile_9", "mobile_17", "mobile_dynamo", "external"]) {
    const { weights } = await importModel(at(`${name}.onnx`));
    expect([...weights.keys()].filter((key) => key.endsWith(".weight"))).toEqual([
      ...["stem.0.weight", "depthwise.weight", "gate.fc1.weight", "gate.fc2.weight"],
      ...["project.weight", "head.0.weight", "head.3.weight"],
    ]);
  }
});

test("until ends a net early", async () => {
  const { graph } = await importModel(at("mobile_17.onnx"), { until: "/depthwise/Conv" });
  expect(kinds(graph)).toEqual(["conv", "hardSwish", "conv"]);
  await expect(importModel(at("mobile_17.onnx"), { until: "/depthwise/Con" })).rejects.toThrow(
    /has no node "\/depthwise\/Con"/,
  );
});
