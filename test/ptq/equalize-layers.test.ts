import { expect, test } from "vitest";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import type { Model } from "../../src/graph/model.js";
import { equalizeLayers } from "../../src/ptq/equalize-layers.js";
import { foldedModel } from "../../src/ptq/prepare-model.js";
import { weightNumbers } from "../../src/quant/numbers/quantized-tensor.js";
import { interpret } from "../graph/interpret.js";
import { randomImage, randomModel } from "../graph/random-model.js";

const separable = (clamp: "relu" | "relu6") => {
  const g = createGraphBuilder({ height: 6, width: 5, channels: 3 });
  const conv = { filters: 6, kernel: 3, padding: 1 };
  const act = (x: string) => g.activation(x, { function: clamp });
  const one = act(g.batchNorm("bn", g.conv("one", g.images, conv)));
  const two = act(g.conv("two", one, { ...conv, groups: 6 }));
  return g.finish(g.globalPool(g.conv("three", two, { filters: 4, kernel: 1, hasBias: true })));
};

/** The largest magnitude of the weights of each filter, or of each input channel. */
const ranges = ({ weights }: Model, name: string, of: "filters" | "inputs"): number[] => {
  const weight = weights.get(`${name}.weight`);
  if (!weight) throw new Error(name);
  const [filters, inputs, kh, kw] = weight.shape as [number, number, number, number];
  const area = kh * kw;
  const largest = new Array<number>(of === "filters" ? filters : inputs).fill(0);
  weightNumbers(weight).forEach((value, index) => {
    const filter = Math.floor(index / (inputs * area));
    const channel = of === "filters" ? filter : Math.floor(index / area) % inputs;
    largest[channel] = Math.max(largest[channel] as number, Math.abs(value));
  });
  return largest;
};

test("a folded model computes what the model computes", () => {
  const graph = separable("relu6");
  const model = randomModel(graph, 2);
  const image = randomImage(graph, 4);
  const [before, after] = [model, foldedModel(model)].map((one) => [
    ...(interpret(one, image).get("logits") ?? []),
  ]);
  expect(before?.length).toBe(4);
  // Folded weights are rounded to float32.
  for (const [at, value] of (before ?? []).entries()) expect(after?.[at]).toBeCloseTo(value, 5);
});

test("equalized layers compute the same after a ReLU, with equal ranges of each channel in both layers", () => {
  const graph = separable("relu");
  const folded = foldedModel(randomModel(graph, 3));
  const equalized = equalizeLayers(folded);
  const image = randomImage(graph, 5);
  const [before, after] = [folded, equalized].map((one) => [
    ...(interpret(one, image).get("logits") ?? []),
  ]);
  expect(before?.length).toBe(4);
  for (const [at, value] of (before ?? []).entries()) expect(after?.[at]).toBeCloseTo(value, 4);
  // The depthwise kernel has one input channel per filter, so its channels are those of its filters.
  const first = ranges(equalized, "one", "filters");
  const second = ranges(equalized, "two", "filters");
  const third = ranges(equalized, "three", "inputs");
  for (const [channel, range] of second.entries()) {
    // A norm with a gamma of 0 leaves a filter of zeros.
    if (first[channel] === 0) continue;
    // Sweeps end once the factors differ from 1 by less than a thousandth.
    expect(range / (first[channel] as number)).toBeCloseTo(1, 2);
    expect(range / (third[channel] as number)).toBeCloseTo(1, 2);
  }
});

test("a ReLU6 between equalized layers becomes a ReLU", () => {
  const { graph } = equalizeLayers(foldedModel(randomModel(separable("relu6"), 3)));
  const functions = graph.nodes.flatMap((node) =>
    node.kind === "activation" ? [node.function] : [],
  );
  expect(functions).toEqual(["relu", "relu"]);
});
