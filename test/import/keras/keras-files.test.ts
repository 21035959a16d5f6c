import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { importModel } from "../../../src/library/import-model.js";
import { outputOfFile, relativeDifference } from "../logits-of.js";

const at = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** What Keras computes; see fixtures/make.py. */
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

test.each(cases)("%s becomes a net with the logits of Keras", async (name, { side, logits }) => {
  // Both sum up to 200 products in float32, in other orders; batch norms are folded in some files.
  expect(relativeDifference(await outputOfFile(at(name), side), logits)).toBeLessThan(5e-6);
});

/** The largest weight of each quantized file differs by half a step: 2^-9 of the range, 2^-17, or float16's 2^-11 of itself. */
test.each([
  ["uint8", 0.2],
  ["uint16", 1e-3],
  ["float16", 5e-3],
] as const)("weights that TensorFlow.js stores as %s are dequantized", async (dtype, tolerance) => {
  const { side, logits } = fixtures["functional_graph.json"] as Fixture;
  const own = await outputOfFile(at(`functional_${dtype}.json`), side);
  expect(relativeDifference(own, logits)).toBeLessThan(tolerance);
});

test("weights in float16 of a .tflite file are read", async () => {
  const { side, logits } = fixtures["functional.tflite"] as Fixture;
  const own = await outputOfFile(at("functional_float16.tflite"), side);
  expect(relativeDifference(own, logits)).toBeLessThan(5e-3);
  expect(relativeDifference(own, logits)).toBeGreaterThan(1e-6);
});

test("layers keep their names, and a layer that is called twice becomes two", async () => {
  const { graph } = await importModel(at("nested_layers.json"));
  expect(graph.nodes.map(({ name }) => name)).toEqual([
    "first",
    "body/shared",
    "body/shared/relu",
    "body/shared_2",
    "body/shared_1/relu",
    "body/add_1",
    "tail/last",
    "classes/flatten",
    "classes",
  ]);
});
