import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkGraph } from "../../src/graph/check-graph.js";
import { nodeKinds, shapesOf } from "../../src/graph/graph.js";
import { interpret } from "./interpret.js";
import { kindCases, kindsIn } from "./node-kinds.js";
import { randomImage, randomModel } from "./random-model.js";

/**
 * What bench/torch/node_kinds.py printed with PyTorch 2.13: every seventh number of each output, and the sum of all. The pixel shuffle is
 * what DepthToSpace computes in onnxruntime 1.32.0.
 */
const expected = JSON.parse(
  readFileSync(new URL("node-kinds.json", import.meta.url), "utf8"),
) as Record<string, { shape: number[]; numbers: number[]; sum: number }>;

const STEP = 7;

describe("the interpreter for tests", () => {
  test("covers every kind of node", () => {
    expect([...kindsIn(kindCases)].sort()).toEqual(Object.keys(nodeKinds).sort());
  });

  test.each(kindCases.map((one) => [one.name, one.graph] as const))(
    "computes what PyTorch computes: %s",
    (name, graph) => {
      checkGraph(graph, name);
      const values = [
        ...(interpret(randomModel(graph, 5), randomImage(graph, 5)).get("logits") ?? []),
      ];
      const wanted = expected[name];
      expect(shapesOf(graph).get(graph.outputs[0]?.value ?? "")).toEqual(wanted?.shape);
      const close = (value: number, other = Number.NaN): void =>
        // PyTorch computes in float32, and its values are stored with six digits.
        expect(Math.abs(value - other)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
      wanted?.numbers.forEach((value, index) => {
        close(value, values[index * STEP]);
      });
      close((wanted?.sum ?? 0) / 10, values.reduce((a, b) => a + b, 0) / 10);
    },
  );
});
