import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { graphArchitectures } from "../../src/models/architectures/graph-architectures.js";
import { runGraph } from "../../src/models/executor/run-graph.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const image = { channels: 3, height: 32, width: 32 };

/** Deviation and largest magnitude of a tensor of a new net. */
const spreadOf = (arch: "resnet20" | "squeezenet1_1", classes: number, name: string) => {
  const graph = graphArchitectures[arch].build({ classes, image });
  const net = runGraph(graph, { seed: 1, gammaStart: "ones", kernelStart: "published" });
  const tensor = net.state.find((each) => each.name === name);
  const values = [...(tensor?.value.dataSync() ?? [])];
  net.dispose();
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  return {
    deviation: Math.sqrt(squares / values.length),
    largest: Math.max(...values.map(Math.abs)),
  };
};

test("convolutions start He-normal: the deviation is sqrt(2 / (kh kw cOut))", () => {
  const { deviation } = spreadOf("resnet20", 10, "layer3.1.conv1.weight");
  expect(deviation / Math.sqrt(2 / (9 * 64))).toBeCloseTo(1, 1);
});

test("the layer that computes the classes starts uniform up to 1 / sqrt(inputs), dense or not", () => {
  for (const [arch, name, inputs] of [
    ["resnet20", "linear.weight", 64],
    ["squeezenet1_1", "classifier.1.weight", 512],
  ] as const) {
    const { deviation, largest } = spreadOf(arch, 10, name);
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(inputs));
    expect(deviation * Math.sqrt(3 * inputs)).toBeCloseTo(1, 1);
  }
});
